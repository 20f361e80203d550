import TestSupport
import Testing

@testable import Components

/// Pieces in, lines out.
struct BuildLogReaderTests {
    private let time = "2026-11-29T18:22:19.000000001Z"

    private func texts(_ lines: [BuildLogLine]) -> [String] { lines.map { String(decoding: $0.text, as: UTF8.self) } }

    /// The lines of a whole log.
    private func lines(_ text: String, secrets: [String] = []) -> [BuildLogLine] {
        var reader = BuildLogReader(secrets: SecretValues(secrets))
        return reader.read(Array(text.utf8)) + reader.finish()
    }

    @Test func aLineIsATimeAndAText() {
        let found = lines("\(time) first line\n\(time) \nno time here\n2026 is a year\n\(time) no end")
        #expect(texts(found) == ["first line", "", "no time here", "2026 is a year", "no end"])
        let times = found.map { String(decoding: $0.time, as: UTF8.self) }
        #expect(times == [time, time, "", "", time])
        #expect(lines("").isEmpty)
        #expect(texts(lines("\(time) windows\r\n")) == ["windows"])
    }

    @Test func theSameLinesComeHoweverTheyAreCut() {
        let text = Array("\(time) one\n\(time) zwölf\nthree\n\n\(time) supersecret here\n\(time) end".utf8)
        let whole = lines(String(decoding: text, as: UTF8.self), secrets: ["supersecret"])
        #expect(texts(whole) == ["one", "zwölf", "three", "", "*** here", "end"])
        for first in 0...text.count {
            for second in [first, min(first + 7, text.count), text.count] {
                var reader = BuildLogReader(secrets: SecretValues(["supersecret"]))
                var found = reader.read(Array(text[..<first]))
                found += reader.read(Array(text[first..<second]))
                found += reader.read(Array(text[second...]))
                found += reader.finish()
                #expect(found == whole)
            }
        }
    }

    @Test func whatIsNoUTF8IsReplaced() {
        var reader = BuildLogReader()
        let found = reader.read([0x61, 0xFF, 0x62, 0xC3, 0x0A, 0xC3, 0xA9, 0x0A, 0xED, 0xA0, 0x80, 0x0A])
        #expect(texts(found) == ["a\u{FFFD}b\u{FFFD}", "é", "\u{FFFD}\u{FFFD}\u{FFFD}"])
    }

    @Test(arguments: [65_535, 65_536, 65_537, 65_600, 1_000_000])
    func aLineThatIsTooLongIsCut(length: Int) {
        for piece in [1_000, 65_536, 2_000_000] {
            var reader = BuildLogReader()
            let text = Array("\(time) ".utf8) + [UInt8](repeating: 97, count: length) + Array("\n\(time) next\n".utf8)
            var found: [BuildLogLine] = []
            for start in stride(from: 0, to: text.count, by: piece) {
                found += reader.read(Array(text[start..<min(start + piece, text.count)]))
            }
            #expect(found.map(\.text.count) == [min(length, 65_536), 4])
            #expect(found.map(\.isCut) == [length > 65_536, false])
        }
    }

    @Test func aSecretIsNotShownInPartWhereALineIsCut() {
        let secret = "0123456789abcdef"
        for offset in (65_536 - 20)...65_540 {
            let line = String(repeating: "x", count: offset) + secret + String(repeating: "y", count: 100)
            let found = lines("\(time) \(line)\n", secrets: [secret])
            #expect(found.count == 1 && found[0].isCut)
            #expect(!texts(found)[0].contains("0"))
        }
    }

    @Test func aLogThatIsReadAgainGivesNoLineTwice() {
        func line(_ second: Int, _ text: String) -> String { "2026-11-29T18:22:0\(second).000000000Z \(text)\n" }
        var reader = BuildLogReader()
        #expect(reader.lastTime == nil)
        let first = line(1, "a") + line(2, "b") + line(2, "c") + line(3, "half").prefix(35)
        #expect(texts(reader.read(Array(first.utf8))) == ["a", "b", "c"])
        #expect(reader.lastTime.map { String(decoding: $0, as: UTF8.self) } == "2026-11-29T18:22:02.000000000Z")
        reader.readAgain()
        // From the second of the last line on; of the same time one more has come.
        let again = line(2, "b") + line(2, "c") + line(2, "d") + line(3, "half") + line(3, "e")
        #expect(texts(reader.read(Array(again.utf8))) == ["d", "half", "e"])
        reader.readAgain()
        #expect(texts(reader.read(Array((line(3, "half") + line(3, "e")).utf8))).isEmpty)
        #expect(texts(reader.read(Array(line(4, "f").utf8))) == ["f"])
    }

    @Test func aLogOfWhichNothingWasReadIsReadFromItsBeginning() {
        var reader = BuildLogReader()
        _ = reader.read(Array("\(time) ha".utf8))
        reader.readAgain()
        #expect(texts(reader.read(Array("\(time) half\n".utf8))) == ["half"])
    }

    @Test func randomPiecesOfRandomBytesGiveTheSameLines() {
        let seed = SeededRandom.anySeed()
        var random = SeededRandom(seed: seed)
        let alphabet = Array("ab \n\rT2Z:".utf8) + [0xC3, 0xA9, 0xFF]
        for _ in 0..<300 {
            let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                alphabet[Int.random(in: alphabet.indices, using: &random)]
            }
            var whole = BuildLogReader()
            let expected = whole.read(bytes) + whole.finish()
            var reader = BuildLogReader()
            var found: [BuildLogLine] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...20, using: &random))
                rest = rest.dropFirst(piece.count)
                found += reader.read(Array(piece))
            }
            #expect(found + reader.finish() == expected, "seed \(seed)")
        }
    }
}

struct SecretValuesTests {
    private func hidden(_ text: String, _ secrets: [String]) -> String {
        String(decoding: SecretValues(secrets).hidden(in: Array(text.utf8)[...]), as: UTF8.self)
    }

    @Test(
        arguments: [
            ("password=hunter2hunter2!", ["hunter2hunter2"], "password=***!"),
            ("short is shown", ["short"], "short is shown"), ("12345678", ["12345678"], "***"),
            ("1234567", ["12345678"], "1234567"), ("aaaaaaaaaaaaaaaa", ["aaaaaaaa"], "******"),
            ("aaaaaaaaa", ["aaaaaaaa"], "***a"), ("the longer one wins", ["longer o", "longer one"], "the *** wins"),
            ("first line\tsecond line", ["first line\nsecond line"], "***\t***"), ("no secrets", [], "no secrets"),
            ("schlüsselwort", ["schlüssel"], "***wort"), ("", ["12345678"], ""),
        ] as [(String, [String], String)])
    func aValueIsReplacedWhereverItStands(_ text: String, _ secrets: [String], _ expected: String) {
        #expect(hidden(text, secrets) == expected)
    }

    @Test func whatIsBehindTheLimitIsLookedAtAndNotShown() {
        let secrets = SecretValues(["12345678"])
        let text = Array("abc12345678".utf8)
        #expect(secrets.hidden(in: text[...], upTo: 3) == Array("abc".utf8)[...])
        #expect(secrets.hidden(in: text[...], upTo: 4) == Array("abc***".utf8)[...])
        #expect(secrets.hidden(in: text[3...], upTo: 100) == Array("***".utf8)[...])
    }
}
