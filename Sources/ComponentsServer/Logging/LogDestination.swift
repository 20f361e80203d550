import Glibc

/// Where log lines go.
///
/// Each line is written by one call, so lines of different threads never mix.
struct LogDestination: Sendable {
    private let descriptor: CInt

    /// Standard error, as it was when the process started.
    static let standardError = LogDestination(descriptor: STDERR_FILENO)

    private init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// A file to append to.
    ///
    /// It is created if it does not exist, readable by the group.
    ///
    /// - Returns: `nil` if it cannot be opened.
    init?(file: String) {
        let descriptor = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { return nil }
        self.init(descriptor: descriptor)
    }

    /// Writes one line.
    ///
    /// A line that cannot be written is dropped: there is nowhere to report it.
    func write(_ line: [UInt8]) {
        var remaining = line[...]
        while !remaining.isEmpty {
            let count = remaining.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            remaining = remaining.dropFirst(count)
        }
    }
}
