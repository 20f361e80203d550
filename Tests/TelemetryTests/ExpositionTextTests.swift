import Foundation
import Testing

@testable import Telemetry

struct ExpositionTextTests {
    @Test func labelValuesCannotBreakOutOfTheirLine() throws {
        let counter = Counter<Pair>("things_total", help: "First\nsecond \\ line.")
        let evil = "a\"} 1\nthings_total{first=\"b\\"
        counter.increment(Pair(first: evil, second: "é"))
        let shown = try StrictExposition(counter)
        #expect(shown.samples.count == 1)
        let escaped = #"a\"} 1\nthings_total{first=\"b\\"#
        #expect(shown.samples[#"things_total{first="\#(escaped)",second="é"}"#] == 1)
        let text = String(decoding: MetricRegistry([counter]).exposition(), as: UTF8.self)
        #expect(text.hasPrefix(#"# HELP things_total First\nsecond \\ line."# + "\n# TYPE things_total counter\n"))
    }

    @Test(arguments: [
        (0.1, "0.1"), (1, "1.0"), (1e21, "1e+21"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
    ])
    func writesNumbersAsGoReadsThem(_ value: Double, _ text: String) {
        #expect(ExpositionText.text(value) == text)
    }

    @Test func anEmptyRegistryIsAnEmptyText() throws {
        #expect(MetricRegistry([]).exposition().isEmpty)
    }
}

struct ProcessFiguresTests {
    @Test func tellsWhatTheSystemSaysOfThisProcess() throws {
        let samples = try StrictExposition(ProcessFigures()).samples
        let resident = try #require(samples["process_resident_memory_bytes"])
        let virtual = try #require(samples["process_virtual_memory_bytes"])
        #expect(resident > 1_000_000 && resident < virtual)
        #expect(try #require(samples["process_cpu_seconds_total"]) > 0)
        let open = try #require(samples["process_open_fds"])
        let maximum = try #require(samples["process_max_fds"])
        #expect(open >= 3 && open <= maximum)
        let start = try #require(samples["process_start_time_seconds"])
        let age = Date.now.timeIntervalSince1970 - start
        #expect(age > -2 && age < 86_400)
        #expect(samples.count == 6)
    }

    @Test func seesDescriptorsThatWereOpened() throws {
        func open() throws -> Double {
            try #require(try StrictExposition(ProcessFigures()).samples["process_open_fds"])
        }
        let before = try open()
        // Others open and close some meanwhile: so many that they cannot make up for it.
        let handles = (0..<200).compactMap { _ in FileHandle(forReadingAtPath: "/dev/null") }
        #expect(try open() > before + 100)
        for handle in handles { try handle.close() }
    }
}
