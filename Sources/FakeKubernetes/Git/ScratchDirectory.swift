import Foundation

/// A folder that only its owner may enter, and that is removed when the work in it ends, also by an error.
enum ScratchDirectory {
    static func with<Result>(in parent: URL, _ work: (URL) async throws -> Result) async throws -> Result {
        let directory = parent.appending(path: "fake-kubernetes-build-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: directory) }
        return try await work(directory)
    }

    /// The bytes of all files below a folder; files that are removed meanwhile do not count.
    static func size(of directory: URL) -> Int {
        let keys: Set<URLResourceKey> = [.fileSizeKey, .isRegularFileKey]
        guard let files = FileManager.default.enumerator(at: directory, includingPropertiesForKeys: Array(keys)) else {
            return 0
        }
        var size = 0
        for case let file as URL in files {
            size += (try? file.resourceValues(forKeys: keys))?.fileSize ?? 0
        }
        return size
    }
}
