import CFastCGI
import Glibc

/// The file of a Unix socket that this process made; its inode distinguishes it from others at the same path.
struct SocketFile: Sendable, Equatable {
    private let path: String
    private let device: dev_t
    private let inode: ino_t

    /// The socket that was just bound to `path`.
    init(_ path: String) throws(FastCGIError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .system("lstat", "reading the status of \(path)") }
        self.path = path
        device = status.st_dev
        inode = status.st_ino
    }

    /// Removes the file, unless another one stands there by now.
    func remove() {
        guard (try? SocketFile(path)) == self else { return }
        _ = unlink(path)
    }

    /// Makes room at `path`: removes a socket that nobody listens on, and nothing else.
    ///
    /// - Throws: `FastCGIError` with the code `addressInUse` if there is a file of another kind or if a process listens.
    static func clear(_ path: String) throws(FastCGIError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw .system("lstat", "reading the status of \(path)") }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw FastCGIError(
                .addressInUse, "\(path) exists and is not a socket: it is left as it is, choose another path")
        }
        let flags = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let probe = socket(AF_UNIX, flags, 0)
        guard probe >= 0 else { throw .system("socket", "making a socket") }
        defer { _ = close(probe) }
        // Only a refusal proves that nobody listens; a full queue (EAGAIN) is an instance that is busy.
        let result = SocketAddress(path: path).withPointer { connect(probe, $0, $1) }
        guard result != 0, errno == ECONNREFUSED else {
            throw FastCGIError(
                .addressInUse, "another instance answers on \(path): stop it first, or choose another path")
        }
        guard unlink(path) == 0 else { throw .system("unlink", "removing the dead socket \(path)") }
    }

    /// Locks the directory of `path` against other instances that start; closing the descriptor unlocks it.
    static func lockDirectory(of path: String) throws(FastCGIError) -> CInt {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", "opening the directory \(directory)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = FastCGIError.system("flock", "another instance starts in \(directory): locking it")
            _ = close(descriptor)
            throw error
        }
        return descriptor
    }
}
