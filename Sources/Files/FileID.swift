import Foundation
import SystemPackage

/// A file or folder, whatever its names.
package struct FileID: Hashable, Comparable, Sendable {
    private let device: DeviceID
    private let inode: Inode

    package init(_ status: Stat) { (device, inode) = (status.deviceID, status.inode) }

    init(_ status: stat) {
        (device, inode) = (DeviceID(rawValue: status.st_dev), Inode(rawValue: status.st_ino))
    }

    package static func < (first: FileID, second: FileID) -> Bool {
        (first.device.rawValue, first.inode.rawValue) < (second.device.rawValue, second.inode.rawValue)
    }
}
