import Foundation

/// Reads the small files that configuration is made of.
///
/// The read blocks, and on purpose: the files are a few kilobytes on a local disk or, for what Kubernetes projects into
/// a pod, in memory, and they are read about once a minute. A pool of threads for it would cost more than it spares.
enum SmallFile {
    static let maximumSize = 4 << 20

    static func read(_ path: String) throws(KubernetesError) -> [UInt8] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw KubernetesError(.configuration, "the file \(path) does not exist")
        }
        guard !isFolder.boolValue else {
            throw KubernetesError(.configuration, "\(path) is a folder, where a file is expected")
        }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw KubernetesError(.configuration, "the file \(path) cannot be read by this user")
        }
        defer { try? handle.close() }
        do {
            let data = try handle.read(upToCount: maximumSize + 1) ?? Data()
            guard data.count <= maximumSize else {
                throw KubernetesError(.configuration, "the file \(path) is larger than \(maximumSize) bytes")
            }
            return [UInt8](data)
        } catch let error as KubernetesError {
            throw error
        } catch {
            throw KubernetesError(.configuration, "the file \(path) cannot be read", cause: error)
        }
    }
}
