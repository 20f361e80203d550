import Synchronization
import Testing

@testable import Telemetry

struct MetricTests {
    @Test func countsEachSeriesAlone() throws {
        let counter = Counter<Pair>("things_total", help: "Things.")
        for first in ["b", "a", "b"] { counter.increment(Pair(first: first)) }
        let shown = try StrictExposition(counter)
        #expect(shown.kinds == ["things_total": "counter"])
        #expect(
            shown.samples == [#"things_total{first="a",second="x"}"#: 1, #"things_total{first="b",second="x"}"#: 2])
        #expect(shown.order == shown.order.sorted())
    }

    @Test func sampledValuesAreAskedForAtEachScrape() throws {
        let values = Mutex([Pair(first: "a"): 1.0])
        let sampled = Sampled<Pair>("ages_seconds", help: "Ages.") { values.withLock { $0 } }
        #expect(try StrictExposition(sampled).samples == [#"ages_seconds{first="a",second="x"}"#: 1])
        values.withLock { $0 = [Pair(first: "b"): 2.5] }
        let shown = try StrictExposition(sampled)
        #expect(shown.kinds == ["ages_seconds": "gauge"])
        #expect(shown.samples == [#"ages_seconds{first="b",second="x"}"#: 2.5])
        #expect(try StrictExposition(Sampled("one", help: "One.") { 1 }).samples == ["one": 1])
    }

    @Test func knownSeriesBeginWithZero() throws {
        let counter = Counter("things_total", help: "Things.", known: [Pair(first: "a")])
        #expect(try StrictExposition(counter).samples == [#"things_total{first="a",second="x"}"#: 0])
        #expect(try StrictExposition(Counter<NoLabels>("all_total", help: "All.")).samples == ["all_total": 0])
    }

    @Test func aBucketHoldsWhatIsAsLongAsItsBoundAndAllShorterOnes() throws {
        let histogram = Histogram<NoLabels>("time_seconds", help: "Time.", bounds: [1, 0.5, 0.5, .infinity])
        for milliseconds in [500, 501, 1_000, 1_001, 90_000] {
            histogram.observe(.milliseconds(milliseconds), NoLabels())
        }
        let shown = try StrictExposition(histogram)
        #expect(
            shown.samples == [
                #"time_seconds_bucket{le="0.5"}"#: 1, #"time_seconds_bucket{le="1.0"}"#: 3,
                #"time_seconds_bucket{le="+Inf"}"#: 5, "time_seconds_sum": 93.002, "time_seconds_count": 5,
            ])
    }

    @Test func aTimeBelowZeroIsNone() throws {
        let histogram = Histogram("time_seconds", help: "Time.", bounds: [1], known: [Pair(first: "never")])
        histogram.observe(.seconds(-5), Pair(first: "a"))
        let samples = try StrictExposition(histogram).samples
        #expect(samples[#"time_seconds_bucket{first="a",second="x",le="1.0"}"#] == 1)
        #expect(samples[#"time_seconds_sum{first="a",second="x"}"#] == 0)
        #expect(samples[#"time_seconds_count{first="never",second="x"}"#] == 0)
    }

    @Test func aGaugeGoesUpAndDown() throws {
        let gauge = Gauge("level", help: "Level.")
        for difference in [3, -1] { gauge.add(difference) }
        #expect(try StrictExposition(gauge).samples == ["level": 2])
    }

    @Test func nothingIsLostWhenAllCountAtOnce() async throws {
        let counter = Counter<NoLabels>("things_total", help: "Things.")
        let histogram = Histogram<NoLabels>("time_seconds", help: "Time.", bounds: [1])
        let gauge = Gauge("level", help: "Level.")
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        counter.increment()
                        histogram.observe(.seconds(1), NoLabels())
                        gauge.add(1)
                    }
                }
            }
        }
        let shown = try StrictExposition(counter, histogram, gauge).samples
        #expect(shown["things_total"] == 8_000)
        #expect(shown["time_seconds_sum"] == 8_000)
        #expect(shown["time_seconds_count"] == 8_000)
        #expect(shown["level"] == 8_000)
    }

    @Test func informationIsAlwaysOne() throws {
        let information = Information("build_info", help: "Build.", labels: ["version": "1.2"])
        #expect(try StrictExposition(information).samples == [#"build_info{version="1.2"}"#: 1])
    }
}
