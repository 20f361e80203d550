import Testing

@testable import FakeKubernetes

@Suite("The builder's queue")
struct BuilderQueueTests {
    static func run(_ name: String, at second: Int = 0, status: String? = nil, condition: String? = nil) -> PipelineRun
    {
        var value: Value = [
            "metadata": ["name": .string(name), "uid": .string("u-" + name), "creationTimestamp": .string("\(second)")]
        ]
        if let status { value.set(.string(status), at: "spec", "status") }
        if let condition {
            value.set([["type": "Succeeded", "status": .string(condition)]], at: "status", "conditions")
        }
        return PipelineRun(value)
    }

    static func id(_ name: String) -> PipelineRun.Identity { run(name).identity }

    @Test func buildsTheOldestFirstAndOnlySoManyAtOnce() {
        var queue = BuildQueue(parallelism: 1)
        #expect(queue.observe(Self.run("b", at: 2)) == [.build(Self.id("b"))])
        #expect(queue.observe(Self.run("d", at: 4)) == [])
        #expect(queue.observe(Self.run("c", at: 3)) == [])
        #expect(queue.observe(Self.run("c2", at: 3)) == [])
        #expect(queue.finish(Self.id("b"), latest: nil) == [.build(Self.id("c"))])
        #expect(queue.finish(Self.id("c"), latest: nil) == [.build(Self.id("c2"))])
        #expect(queue.finish(Self.id("c2"), latest: nil) == [.build(Self.id("d"))])
    }

    @Test func doesNotStartAgainWhatIsOver() {
        var queue = BuildQueue(parallelism: 2)
        #expect(queue.observe(Self.run("a")) == [.build(Self.id("a"))])
        #expect(queue.observe(Self.run("a", condition: "Unknown")) == [])
        #expect(queue.finish(Self.id("a"), latest: nil) == [])
        #expect(queue.observe(Self.run("a", condition: "Unknown")) == [])
        #expect(queue.observe(Self.run("a", status: "Cancelled", condition: "True")) == [])
        #expect(queue.observe(Self.run("old", status: "Cancelled", condition: "False")) == [])
    }

    @Test func holdsUntilReleased() {
        var queue = BuildQueue(parallelism: 1)
        #expect(queue.observe(Self.run("a", status: "PipelineRunPending")) == [.hold(Self.id("a"))])
        #expect(queue.observe(Self.run("a", status: "PipelineRunPending", condition: "Unknown")) == [])
        #expect(queue.observe(Self.run("a", condition: "Unknown")) == [.build(Self.id("a"))])
    }

    @Test func holdsAgainWhatWasHeldBeforeItsBuildBegan() {
        var queue = BuildQueue(parallelism: 1)
        _ = queue.observe(Self.run("a"))
        _ = queue.observe(Self.run("b"))
        #expect(
            queue.finish(Self.id("a"), latest: Self.run("a", status: "PipelineRunPending"))
                == [.hold(Self.id("a")), .build(Self.id("b"))])
    }

    @Test(arguments: ["Cancelled", "CancelledRunFinally", "StoppedRunFinally"])
    func cancels(status: String) {
        var queue = BuildQueue(parallelism: 1)
        _ = queue.observe(Self.run("building"))
        _ = queue.observe(Self.run("waiting"))
        _ = queue.observe(Self.run("held", status: "PipelineRunPending"))
        #expect(queue.observe(Self.run("building", status: status)) == [.stop(Self.id("building"), .cancelled)])
        #expect(queue.observe(Self.run("waiting", status: status)) == [.cancel(Self.id("waiting"))])
        #expect(queue.observe(Self.run("held", status: status)) == [.cancel(Self.id("held"))])
        #expect(queue.finish(Self.id("building"), latest: nil) == [])
    }

    @Test func stopsWhatWasDeletedAndTakesTheNameAnew() {
        var queue = BuildQueue(parallelism: 1)
        _ = queue.observe(Self.run("a"))
        _ = queue.observe(Self.run("b"))
        #expect(queue.remove(Self.run("a")) == [.stop(Self.id("a"), .deleted)])
        #expect(queue.remove(Self.run("b")) == [])
        #expect(queue.finish(Self.id("a"), latest: nil) == [])
        var again = Self.run("a").value
        again.set("another", at: "metadata", "uid")
        #expect(queue.observe(PipelineRun(again)) == [.build(PipelineRun(again).identity)])
    }
}
