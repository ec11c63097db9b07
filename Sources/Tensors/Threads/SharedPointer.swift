/// A pointer that the calls of a loop on several threads share.
///
/// `@unchecked`: that the calls write different elements, or all only read, is not for the compiler to see; who makes
/// one of these says so. It keeps nothing alive.
package struct SharedPointer<Element>: @unchecked Sendable {
    package let pointer: UnsafeMutablePointer<Element>

    package init(_ pointer: UnsafeMutablePointer<Element>) { self.pointer = pointer }

    /// Of memory that all calls only read.
    package init(reading pointer: UnsafePointer<Element>) {
        self.pointer = UnsafeMutablePointer(mutating: pointer)
    }

    /// Where the elements of one call begin.
    package static func + (base: Self, offset: Int) -> UnsafeMutablePointer<Element> {
        base.pointer + offset
    }

    /// One element.
    package subscript(index: Int) -> Element {
        get { pointer[index] }
        nonmutating set { pointer[index] = newValue }
    }
}
