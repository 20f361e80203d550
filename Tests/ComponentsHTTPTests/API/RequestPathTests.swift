import TestSupport
import Testing

@testable import ComponentsHTTP

struct RequestPathTests {
    @Test(arguments: [
        ("/", []), ("/a", ["a"]), ("/a/b", ["a", "b"]), ("/a?x=1", ["a"]), ("/a?x=/../b", ["a"]), ("/?a", []),
        ("/a%20b", ["a b"]), ("/%61", ["a"]), ("/a%3Fb", ["a?b"]), ("/a%23b", ["a#b"]), ("/a%25b", ["a%b"]),
        ("/%2561", ["%61"]), ("/%252F", ["%2F"]), ("/%C3%A9", ["é"]), ("/a+b", ["a+b"]), ("/a;b", ["a;b"]),
        ("/...", ["..."]), ("/.a", [".a"]), ("/a..", ["a.."]), ("/a??b", ["a"]), ("/a:b@c", ["a:b@c"]),
        ("/%F0%9F%98%80", ["😀"]),
    ])
    func splitsAndDecodesOnce(_ target: String, _ segments: [String]) throws {
        #expect(try RequestPath(target: target).segments == segments)
    }

    @Test(arguments: [
        "", "a", "*", "?", "?/a", "http://host/a", "https://host/", "//", "//a", "/a//b", "/a/", "/a//", "///", "/a/?x",
        "/.", "/..", "/a/.", "/a/..", "/../a", "/./a", "/%2e", "/%2E%2e", "/.%2e/a", "/a/..%2Fb", "/a%2Fb", "/a%2fb",
        "/a%5Cb", "/a%5cb", #"/a\b"#, "/a%00b", "/%00", "/a%0d%0ab", "/a%0A", "/a%09", "/a\tb", "/a%7F", "/a\u{7F}",
        "/a b", "/%ff%fe", "/%c0%af", "/%C0%80", "/%ED%A0%80", "/%F5%80%80%80", "/%zz", "/%", "/%4", "/a%", "/%%41",
        "/%C2%85", "/é", "/e\u{301}", "/%u0041", "/a\0b", "/a\nb", "/a\r\nHost:%20b",
    ])
    func refusesWhatTwoReadersCouldTakeForTwoPaths(_ target: String) async {
        #expect(throws: RequestFault.self) { try RequestPath(target: target) }
    }

    @Test func generatedPathsAreDecidedAsTheReferenceModelDecides() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        let pieces = [
            "/", "/", "/", "a", "b", ".", "..", "%2F", "%2f", "%5C", "%00", "%61", "%C3%A9", "%FF", "%", "?", "\\",
            "%0a",
            " ", "é", "%2e", "api", "%25",
        ]
        var accepted = 0
        for _ in 0..<10_000 {
            let target =
                "/"
                + (0..<Int.random(in: 0...6, using: &random)).map { _ in
                    pieces[Int.random(in: 0..<pieces.count, using: &random)]
                }.joined()
            let found = try? RequestPath(target: target).segments
            #expect(found == Self.model(target), "seed \(seed): \(target)")
            if found != nil { accepted += 1 }
        }
        #expect((1_000..<9_000).contains(accepted), "seed \(seed)")
    }

    /// The rules once more, slowly and in another way.
    private static func model(_ target: String) -> [String]? {
        let path = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)[0]
        if path == "/" { return [] }
        var segments: [String] = []
        for raw in path.dropFirst().components(at: "/") {
            guard raw.allSatisfy({ $0.isASCII && $0 != " " && $0 != "\\" }), !raw.isEmpty else { return nil }
            var bytes: [UInt8] = []
            for (index, part) in raw.components(at: "%").enumerated() {
                guard index > 0 else {
                    bytes += Array(part.utf8)
                    continue
                }
                guard part.count >= 2, let byte = UInt8(part.prefix(2), radix: 16), !part.hasPrefix("+") else {
                    return nil
                }
                guard byte >= 0x20, byte != 0x2F, byte != 0x5C, byte != 0x7F else { return nil }
                bytes += [byte] + Array(part.dropFirst(2).utf8)
            }
            guard let text = String(validating: bytes, as: UTF8.self), text != ".", text != ".." else { return nil }
            segments.append(text)
        }
        return segments
    }
}

extension StringProtocol {
    fileprivate func components(at separator: Character) -> [String] {
        reduce(into: [""]) { parts, character in
            if character == separator { parts.append("") } else { parts[parts.count - 1].append(character) }
        }
    }
}
