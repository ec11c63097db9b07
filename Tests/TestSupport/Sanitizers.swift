import Foundation

/// Whether the tests are built with a sanitizer, as `make test-asan` and `make test-tsan` say. It needs terabytes of addresses
/// and /proc, and programs that are built with it too, so that some tests cannot be.
public var isSanitized: Bool { ProcessInfo.processInfo.environment["VQW2V_SANITIZER"] != nil }

/// Whether that is Thread sanitizer, whose own memory is in files, which a limit of their size takes away.
public var areThreadsSanitized: Bool { ProcessInfo.processInfo.environment["VQW2V_SANITIZER"] == "thread" }

/// Whether that is Address sanitizer.
public var isAddressSanitized: Bool { ProcessInfo.processInfo.environment["VQW2V_SANITIZER"] == "address" }
