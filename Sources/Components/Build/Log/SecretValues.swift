import JSON

/// Values that must not be shown, and what stands in their place.
public struct SecretValues: Sendable, Equatable {
    /// The shortest value that is replaced, in bytes: a shorter one stands in a log by chance.
    public static let shortest = 8
    /// What stands in the place of a value.
    static let replacement = Array("***".utf8)

    /// The values, the longest first: one may hold another.
    private let values: [[UInt8]]
    /// The length of the longest one.
    let longest: Int

    /// These values; of one with several lines each line is one, because a log is read line by line.
    public init(_ values: some Sequence<String> = []) {
        let lines = values.flatMap { value in
            value.split(whereSeparator: \.isNewline).map { Array($0.utf8) }.filter { $0.count >= Self.shortest }
        }
        self.values = Set(lines).sorted {
            $0.count == $1.count ? $0.lexicographicallyPrecedes($1) : $0.count > $1.count
        }
        longest = self.values.first?.count ?? 0
    }

    /// The values of every `build.envvars` of a config: what a build is given may be a password.
    init(ofConfig config: JSONValue) {
        let components = config["components"]?.objectValue?.members ?? []
        self.init(
            components.flatMap { component in
                (component.value["build"]?["envvars"]?.objectValue?.members ?? []).compactMap(\.value.stringValue)
            })
    }

    /// The values of every variable that these builds are given: they are known where the config is not.
    init(ofBuilds builds: [PlannedBuild]) {
        self.init(builds.flatMap { $0.options.environment.map(\.value) })
    }

    /// The text, up to `limit` bytes of it, with every value replaced that begins within those.
    ///
    /// - Parameter text: goes on behind the limit, if it does, by at least the longest value.
    func hidden(in text: ArraySlice<UInt8>, upTo limit: Int = .max) -> ArraySlice<UInt8> {
        let end = text.index(text.startIndex, offsetBy: limit, limitedBy: text.endIndex) ?? text.endIndex
        guard longest > 0, text.count >= Self.shortest else { return text[..<end] }
        var result: [UInt8] = []
        var copied = text.startIndex
        var position = text.startIndex
        text.withUnsafeBufferPointer { bytes in
            // Indices of the buffer begin at 0.
            let offset = text.startIndex
            while position < end {
                let rest = UnsafeBufferPointer(rebasing: bytes[(position - offset)...])
                guard let value = values.first(where: { Self.begins(rest, with: $0) }) else {
                    position += 1
                    continue
                }
                result += text[copied..<position]
                result += Self.replacement
                position += value.count
                copied = position
            }
        }
        guard copied > text.startIndex else { return text[..<end] }
        if copied < end { result += text[copied..<end] }
        return result[...]
    }

    private static func begins(_ bytes: UnsafeBufferPointer<UInt8>, with value: [UInt8]) -> Bool {
        guard bytes.count >= value.count, bytes[0] == value[0] else { return false }
        return bytes[..<value.count].elementsEqual(value)
    }
}
