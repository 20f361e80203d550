import JSON
import TestSupport
import Testing

struct JSONNumberTests {
    @Test(arguments: ["0", "-0", "1.0", "1E22", "0.1", "9223372036854775807", "-9223372036854775808", "1e-7", "3.25e2"])
    func survivesStorageIfIntegerOrShortestBinary64(_ literal: String) throws {
        #expect(try #require(JSONNumber(literal)).survivesStorage)
    }

    @Test(arguments: [
        "1e400", "9223372036854775808", "0.10000000000000000001", "1e-400", "18446744073709551615",
        "1e99999999999999999999",
    ])
    func doesNotSurviveStorageIfTheDecimalValueWouldChange(_ literal: String) throws {
        #expect(try !#require(JSONNumber(literal)).survivesStorage)
    }

    @Test func equalityIsOfDecimalValues() {
        #expect(JSONNumber("1.0") == JSONNumber("1"))
        #expect(JSONNumber("-0") == JSONNumber("0.0e5"))
        #expect(JSONNumber("120e-1") == JSONNumber("12"))
        #expect(JSONNumber("9007199254740993") != JSONNumber("9007199254740992"))
        #expect(JSONNumber("1") != JSONNumber("-1"))
    }

    @Test(arguments: ["", "-", "01", "1.", ".5", "+1", "1e", "1e+", "NaN", "0x1", "1 ", "--1"])
    func refusesWhatIsNoJSONNumber(_ literal: String) {
        #expect(JSONNumber(literal) == nil)
    }

    @Test func integersAreReadExactlyAndFractionsAreNoIntegers() {
        #expect(JSONNumber("-9223372036854775808")?.int64 == .min)
        #expect(JSONNumber("9223372036854775808")?.int64 == nil)
        #expect(JSONNumber("1.0")?.int64 == nil)
        #expect(JSONNumber("-0")?.int64 == 0)
        #expect(JSONNumber(UInt64.max).literal == "18446744073709551615")
    }

    @Test(arguments: [
        ("3.10", "3.1"), ("1.0", "1"), ("10", "10"), ("-0", "0"), ("-0.0", "0"), ("1e3", "1000"),
        ("1e20", "100000000000000000000"),
        ("1e21", "1e+21"), ("-1.5e21", "-1.5e+21"), ("0.000001", "0.000001"), ("0.0000001", "1e-7"),
        ("12.34e-8", "1.234e-7"),
        ("-0.25", "-0.25"), ("123.456", "123.456"), ("0.5e1", "5"), ("1e400", "1e400"),
        ("9223372036854775807", "9223372036854775807"),
    ])
    func isStoredInTheNotationOfTheAPIServer(_ literal: String, _ stored: String) throws {
        #expect(try #require(JSONNumber(literal)).storedText == stored)
    }

    @Test func keepsTheAuthorsTextBesideTheLiteral() {
        #expect(JSONNumber("777", written: "0777")?.written == "0777")
        #expect(JSONNumber("777", written: "0777")?.literal == "777")
        #expect(JSONNumber("777", written: "0777") == JSONNumber("777"))
        #expect(JSONNumber("3.10")?.written == "3.10")
        #expect(JSONNumber("0777", written: "777") == nil)
        #expect(MemoryLayout<JSONValue>.stride <= 24)
    }

    @Test func numbersBeyondBinary64HaveNoNearestValue() {
        #expect(JSONNumber("1.5")?.double == 1.5)
        #expect(JSONNumber("1e-400")?.double == 0)
        #expect(JSONNumber("1e400")?.double == nil)
        #expect(JSONNumber("-1e400")?.double == nil)
    }

    @Test func doublesAreWrittenSoThatTheyReadBack() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<5_000 {
            let double = Double(bitPattern: random.next())
            guard double.isFinite else {
                #expect(JSONNumber(double) == nil)
                continue
            }
            let number = try #require(JSONNumber(double))
            #expect(JSONNumber(number.literal) != nil, "\(number.literal)")
            #expect(number.double == double, "seed \(seed): \(number.literal)")
            #expect(number.survivesStorage, "seed \(seed): \(number.literal)")
        }
        #expect(JSONNumber(Double.infinity) == nil)
        #expect(JSONNumber(Double.nan) == nil)
    }

    /// A store like the cluster's: 64-bit integers, the rest binary64 with the shortest digits.
    @Test func onlyNumbersThatSurviveStorageComeBackEqual() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        var survivors = 0
        for _ in 0..<5_000 {
            let digits = (0..<Int.random(in: 1...22, using: &random)).map { _ in
                "\(Int.random(in: 0...9, using: &random))"
            }
            var literal = "1" + digits.joined()
            if Bool.random(using: &random) { literal.insert(".", at: literal.index(after: literal.startIndex)) }
            if Bool.random(using: &random) { literal += "e\(Int.random(in: -30...30, using: &random))" }
            let number = try #require(JSONNumber(literal))
            let stored = try #require(
                number.int64.map { JSONNumber($0) } ?? number.double.flatMap { JSONNumber($0) })
            #expect(number.survivesStorage == (stored == number), "seed \(seed): \(literal)")
            if number.survivesStorage { survivors += 1 }
        }
        #expect((1..<5_000).contains(survivors))
    }
}
