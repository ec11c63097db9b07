import Files
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct AtomicFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func theNewFileAppearsWithCommitOnly() throws {
        let path = try folder.write("old", to: "a.txt")
        let file = try AtomicFile(path: path)
        try file.write("new")
        #expect(try folder.text("a.txt") == "old")
        try file.commit()
        #expect(try folder.text("a.txt") == "new")
        #expect(try folder.names == ["a.txt"])
    }

    @Test func withoutCommitNothingIsLeft() throws {
        do {
            let file = try AtomicFile(path: folder.file("a.txt"))
            try file.write([UInt8](repeating: 1, count: 200_000))
            #expect(try folder.names.isEmpty, "what is not whole has no name")
        }
        #expect(try folder.names.isEmpty)
    }

    /// A kill between the hidden name and the rename cannot be had on purpose, so the name is made here.
    @Test func leftoversOfKilledProgramsGo() throws {
        for name in [".vqw2v-1f.tmp", ".vqw2v-notes", "a.tmp"] { _ = try folder.write("left", to: name) }
        TemporaryFile.discardLeftovers(in: FilePath(folder.path))
        #expect(try folder.names.sorted() == [".vqw2v-notes", "a.tmp"])
    }

    /// Another program is just about to rename it.
    @Test func whatIsClaimedIsNoLeftover() throws {
        let path = try folder.write("at work", to: ".vqw2v-1f.tmp")
        let descriptor = open(path, O_RDONLY)
        #expect(flock(descriptor, LOCK_EX) == 0)
        TemporaryFile.discardLeftovers(in: FilePath(folder.path))
        #expect(try folder.names == [".vqw2v-1f.tmp"])
        close(descriptor)
        try OutputFiles.makeParent(of: folder.file("a.txt"))
        #expect(try folder.names == [])
    }

    /// Two programs that give the same names at one time: the files are of one of them.
    @Test func namesOfTwoAreNotMixed() throws {
        for round in 0..<200 {
            DispatchQueue.concurrentPerform(iterations: 2) { number in
                let files = ["a.json", "b.json", "c.json"].compactMap { name in
                    let file = try? AtomicFile(path: folder.file(name))
                    return (try? file?.write("\(number)")) == nil ? nil : file
                }
                try? AtomicFile.commit(files)
            }
            let texts = Set(try ["a.json", "b.json", "c.json"].map { try folder.text($0) })
            #expect(texts.count == 1, "round \(round)")
        }
        #expect(try folder.names.sorted() == ["a.json", "b.json", "c.json"])
    }

    @Test func aClaimIsNotWaitedForForEver() throws {
        let path = FilePath(folder.path)
        do {
            let claim = FolderClaim(of: path)
            #expect(claim.isHeld)
            defer { withExtendedLifetime(claim) {} }
            #expect(!FolderClaim(of: path, limit: .milliseconds(20)).isHeld)
        }
        #expect(FolderClaim(of: path, limit: .zero).isHeld)
    }

    @Test func severalFilesAppearTogether() throws {
        let names = ["a.txt", "b.txt", "c.txt"]
        for name in names.dropLast() { try folder.write("old", to: name) }
        func begin() throws -> [AtomicFile] {
            try names.map { name in
                let file = try AtomicFile(path: folder.file(name))
                try file.write("new")
                return file
            }
        }
        try AtomicFile.commit(begin())
        #expect(try folder.names == names)
        for name in names { #expect(try folder.text(name) == "new") }
    }

    /// The last one cannot have its name.
    @Test func orNoneOfThemDoes() throws {
        let names = ["a.txt", "b.txt", "c.txt", "d"]
        for name in names.prefix(2) { try folder.write("old", to: name) }
        let files = try names.map { name in
            let file = try AtomicFile(path: folder.file(name))
            try file.write("new")
            return file
        }
        try FileManager.default.createDirectory(
            atPath: folder.file("d"), withIntermediateDirectories: false)
        #expect(message { try AtomicFile.commit(files) }.contains("d cannot be written"))
        #expect(try folder.names == ["a.txt", "b.txt", "d"])
        for name in names.prefix(2) { #expect(try folder.text(name) == "old") }
    }

    /// As where the file system has no files without a name.
    @Test func withANameFromTheStart() throws {
        let path = try folder.write("old", to: "a.txt")
        do {
            let file = try AtomicFile(path: FilePath(path), nameless: false)
            try file.write("given up")
            #expect(try folder.names.count == 2)
        }
        #expect(try folder.names == ["a.txt"])
        let file = try AtomicFile(path: FilePath(path), nameless: false)
        try file.write("new")
        try file.commit()
        #expect(try folder.text("a.txt") == "new")
        #expect(try folder.names == ["a.txt"])
    }

    /// The link stays, whether a file is behind it already or not.
    @Test(arguments: [true, false]) func aNamedLinkIsFollowed(isRelative: Bool) throws {
        let link = folder.file("link")
        let target = folder.file("file")
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: isRelative ? "file" : target)
        for text in ["first", "second"] {
            try AtomicFile.write(Data(text.utf8), to: link)
            #expect(try folder.text("file") == text)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link).hasSuffix("file"))
        }
        var outputs = OutputFiles()
        try FileManager.default.removeItem(atPath: target)
        try outputs.add(link)
        #expect(message { try outputs.add(target) }.contains("file"))
    }

    /// Nobody writes to it, and it is waited for by nobody.
    @Test func aPipeWithTheNameOfALeftover() throws {
        #expect(mkfifo(folder.file(".vqw2v-1f.tmp"), 0o600) == 0)
        TemporaryFile.discardLeftovers(in: FilePath(folder.path))
        #expect(try folder.names.isEmpty)
    }

    @Test func writesOfEverySizeKeepTheirOrder() throws {
        let file = try AtomicFile(path: folder.file("a"))
        var expected: [UInt8] = []
        for (index, size) in [1, 0, 65_535, 1, 65_536, 65_537, 3, 200_000, 70].enumerated() {
            let piece = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ index) }
            try file.write(piece)
            expected += piece
        }
        try file.commit()
        #expect(try folder.read("a") == expected)
    }

    @Test func wholeDataInOneCall() throws {
        try AtomicFile.write(Data([1, 2, 3]), to: folder.file("a"))
        try AtomicFile.write(Data(), to: folder.file("empty"))
        #expect(try folder.read("a") == [1, 2, 3])
        #expect(try folder.read("empty") == [])
    }

    @Test func aFileOutsideAnyFolderNameIsWrittenWhereItBelongs() throws {
        let name = "vqw2v-test-\(UUID().uuidString)"
        defer { unlink(name) }
        try AtomicFile.write(Data([7]), to: name)
        #expect(FileManager.default.contents(atPath: name) == Data([7]))
    }

    @Test func aReplacedFileKeepsItsPermissionsAndItsLinks() throws {
        let path = try folder.write([1], to: "a")
        #expect(chmod(path, 0o640) == 0)
        #expect(symlink("a", folder.file("link")) == 0)
        try AtomicFile.write(Data([2]), to: folder.file("link"))
        #expect(try folder.read("a") == [2])
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
        #expect(lstat(folder.file("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    }

    @Test func missingFolder() throws {
        let path = folder.file("missing/a")
        let text = message { try AtomicFile.write(Data(), to: path) }
        #expect(text.hasPrefix("\(path) cannot be written: No such file"))
        #expect(text.contains("folders must exist"))
    }

    @Test func aPathThroughAFile() throws {
        let path = try folder.write([1], to: "a") + "/b"
        #expect(message { try AtomicFile.write(Data(), to: path) }.contains("not a folder"))
    }

    @Test(arguments: ["", "/"]) func aFolderIsNotAFile(_ suffix: String) throws {
        #expect(message { _ = try AtomicFile(path: folder.path + suffix) }.contains("name of a file"))
        #expect(message { _ = try AtomicFile(path: folder.file("new/")) }.contains("name of a file"))
        #expect(try folder.names.isEmpty)
    }

    @Test func unusablePaths() throws {
        #expect(message { _ = try AtomicFile(path: "") }.contains("empty"))
        #expect(message { _ = try AtomicFile(path: folder.file("a\0b")) }.contains("zero byte"))
        #expect(try folder.names.isEmpty)
    }

    @Test(.enabled(if: geteuid() != 0, "root may write anywhere")) func readOnlyFolder() throws {
        #expect(chmod(folder.path, 0o500) == 0)
        defer { chmod(folder.path, 0o700) }
        #expect(message { _ = try AtomicFile(path: folder.file("a")) }.contains("permissions"))
    }

    /// A name that only the rename finds to be too long: everything before it has worked.
    @Test func aFailedRenameLeavesNothing() throws {
        let file = try AtomicFile(path: folder.file(String(repeating: "a", count: 300)))
        try file.write("text")
        #expect(message { try file.commit() }.contains("shorter name"))
        #expect(try folder.names.isEmpty)
        #expect(message { try file.commit() }.contains("given up"))
    }

    @Test func aFolderInTheWayLeavesItAndNothingElse() throws {
        let file = try AtomicFile(path: folder.file("a"))
        try FileManager.default.createDirectory(atPath: folder.file("a/b"), withIntermediateDirectories: true)
        #expect(message { try file.commit() }.contains("\(folder.file("a")) cannot be written"))
        #expect(try folder.names == ["a"])
    }

    /// A device that is always full, in a place where replacing it by mistake does no harm: where the tests may
    /// change /dev (root), one of their own.
    private func fullDevice() -> String? {
        if access("/dev", W_OK) != 0 { return access("/dev/full", W_OK) == 0 ? "/dev/full" : nil }
        let path = folder.file("full")
        let numbers: dev_t = 0x107  // Linux: device 1, 7
        guard mknod(path, S_IFCHR | 0o600, numbers) == 0, access(path, W_OK) == 0 else { return nil }
        let descriptor = open(path, O_WRONLY)
        defer { close(descriptor) }
        return descriptor >= 0 ? path : nil
    }

    @Test func fullDisk() throws {
        guard let path = fullDevice() else { return }
        let file = try AtomicFile(path: path)
        try file.write("text")
        let text = message { try file.commit() }
        #expect(text.contains("No space left") && text.contains("free some space"))
        #expect(message { try file.write("more") }.contains("given up"))
        let direct = try AtomicFile(path: path)
        #expect(message { try direct.write([UInt8](repeating: 0, count: 100_000)) }.contains("No space left"))
    }

    @Test func pipesAndDevicesAreWrittenNotReplaced() throws {
        let path = folder.file("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        try AtomicFile.write(Data([1, 2]), to: path)
        var (received, status) = ([UInt8](repeating: 0, count: 8), stat())
        #expect(read(reader, &received, 8) == 2 && received.prefix(2) == [1, 2])
        #expect(stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
        #expect(try folder.names == ["pipe"])
    }

    @Test func nothingCanBeWrittenAfterCommit() throws {
        let file = try AtomicFile(path: folder.file("a"))
        try file.commit()
        #expect(message { try file.write("text") }.contains("committed"))
        #expect(message { try file.commit() }.contains("committed"))
        #expect(try folder.read("a") == [])
    }
}
