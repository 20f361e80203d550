/// The end of the log of a build that ended badly, as it is kept: the cluster forgets the log when it removes the pod.
public struct BuildLogTail: Sendable, Equatable {
    /// How many bytes are kept of one build, and of all builds of a deployment.
    public static let (longest, longestOfDeployment) = (4_096, 65_536)

    /// The step that failed; of a build that was ended, the one that had written last.
    public var step: String
    /// With which code the step ended; `nil` if it had not.
    public var exitCode: Int?
    /// The last lines, without control characters and secrets.
    public var lines: [String]

    /// The end of a log, as it was kept.
    public init(step: String, exitCode: Int?, lines: [String]) {
        self.step = step
        self.exitCode = exitCode
        self.lines = lines
    }

    /// The last of these lines, as many as fit; of a line that does not fit alone, its end.
    ///
    /// - Parameter limit: how many bytes there is room for, line ends included.
    public init(step: String, exitCode: Int?, endOf lines: [BuildLogLine], limit: Int) {
        var kept: [String] = []
        var room = limit
        for line in lines.reversed() {
            let text = Self.printable(line.text)
            if kept.isEmpty, text.utf8.count >= room {
                let end = text.utf8.suffix(max(0, room - 4))
                kept = ["…" + String(decoding: end.drop { $0 & 0xC0 == 0x80 }, as: UTF8.self)]
                break
            }
            guard text.utf8.count < room else { break }
            room -= text.utf8.count + 1
            kept.append(text)
        }
        self.init(step: step, exitCode: exitCode, lines: kept.reversed())
    }

    /// Hides what may not be read.
    mutating func hide(_ secrets: SecretValues) {
        lines = lines.map { String(decoding: secrets.hidden(in: Array($0.utf8)[...]), as: UTF8.self) }
    }

    /// How many bytes of one build's log are kept in a deployment of that many builds.
    static func limit(ofBuilds count: Int) -> Int { min(longest, longestOfDeployment / max(1, count)) }

    /// The text without control characters, and without the sequences by which terminals are told to change colours.
    private static func printable(_ text: ArraySlice<UInt8>) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case 0x1B where rest.first == UInt8(ascii: "["):
                // ECMA-48, section 5.4: parameters and intermediates, then one byte that ends it.
                rest = rest.dropFirst().drop { (0x20...0x3F).contains($0) }.dropFirst()
            case UInt8(ascii: "\t"): result.append(byte)
            case 0x00...0x1F, 0x7F: break
            default: result.append(byte)
            }
        }
        // C1 controls are two bytes of UTF-8.
        return String(decoding: result, as: UTF8.self).filter { character in
            !character.unicodeScalars.contains { (0x80...0x9F).contains($0.value) }
        }
    }
}

extension BuildObservation {
    /// The same with the end of its log, and with the cause that it tells of a failure for which nothing else told one.
    func explained(by tail: BuildLogTail?) -> Self {
        var explained = self
        explained.logTail = tail
        guard let tail, let exitCode = tail.exitCode, exitCode != 0, phase == .failed,
            (reason ?? .buildFailed) == .buildFailed,
            let (cause, line) = StepWords(lines: tail.lines).cause(ofStep: tail.step)
        else { return explained }
        explained.reason = cause
        explained.message = cause.message(step: tail.step, exitCode: exitCode, words: line)
        return explained
    }
}
