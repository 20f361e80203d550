/// Certificates or a key in PEM: given as they are, or in a file that may be replaced while the process runs.
public enum PEMSource: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself.
    case bytes([UInt8])
    /// The path of a file.
    case file(String)

    /// Where it comes from, never what it is.
    public var description: String {
        switch self {
        case .bytes: "<given>"
        case .file(let path): path
        }
    }
    /// Where it comes from, never what it is.
    public var debugDescription: String { description }
    /// Shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The text as it is now.
    func read() throws(KubernetesError) -> [UInt8] {
        switch self {
        case .bytes(let bytes): bytes
        case .file(let path): try SmallFile.read(path)
        }
    }
}
