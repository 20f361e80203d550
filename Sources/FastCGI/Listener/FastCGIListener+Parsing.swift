import Glibc

extension FastCGIListener {
    static var ownUserID: UInt32 { geteuid() }

    /// The listener that a setting describes: `unix:PATH[?mode=0660]` or `tcp:HOST:PORT`.
    ///
    /// An IPv6 address stands in brackets: `tcp:[::1]:9000`. The mode is octal.
    ///
    /// - Throws: `FastCGIError` with the code `invalidListener` and a message that says what would be right.
    public init(parsing text: String) throws(FastCGIError) {
        if text.hasPrefix("unix:") {
            self = try Self.unix(text.dropFirst(5))
        } else if text.hasPrefix("tcp:") {
            self = try Self.tcp(text.dropFirst(4))
        } else {
            throw FastCGIError(.invalidListener, "unix:PATH[?mode=0660] or tcp:HOST:PORT is expected, not '\(text)'")
        }
    }

    private static func unix(_ text: Substring) throws(FastCGIError) -> FastCGIListener {
        guard let mark = text.lastIndex(of: "?") else { return try unix(path: String(text)) }
        let option = text[mark...].dropFirst()
        let digits = option.dropFirst("mode=".count)
        guard option.hasPrefix("mode="), digits.allSatisfy({ ("0"..."7").contains($0) }),
            let mode = UInt16(digits, radix: 8)
        else {
            throw FastCGIError(
                .invalidListener, "?mode= and an octal number are expected behind the path, not '?\(option)'")
        }
        return try unix(path: String(text[..<mark]), mode: mode)
    }

    private static func tcp(_ text: Substring) throws(FastCGIError) -> FastCGIListener {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[colon...].dropFirst()) else {
            throw FastCGIError(
                .invalidListener, "tcp:HOST:PORT is expected, with a port up to 65535, not 'tcp:\(text)'")
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return try tcp(host: String(host), port: port)
    }
}
