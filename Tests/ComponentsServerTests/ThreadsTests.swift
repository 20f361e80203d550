import FastCGI
import Glibc
import HTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import ComponentsServer

struct ThreadsTests {
    private let threads = Threads(ofAnswers: QueueExecutor())

    /// Whether a task that is waited for by its caller would go on where the cluster's answers arrive: whatever begins by a
    /// queue begins there.
    private static var isWhereAnswersArrive: Bool {
        get async {
            async let child = QueueExecutor.isCurrent
            return await child
        }
    }

    @Test func everyRequestBeginsOnTheThreadThatReadIt() async {
        let reading = pthread_self()
        let beginning = Mutex<pthread_t?>(nil)
        let task = threads.startTask { beginning.withLock { $0 = pthread_self() } }
        #expect(beginning.withLock { $0 } == reading)
        await task.value
    }

    @Test(arguments: [("GET", true), ("HEAD", true), ("POST", false), ("PUT", false), ("DELETE", false)])
    func onlyWhatReadsGoesOnWhereTheClustersAnswersArrive(method: String, stays: Bool) async throws {
        let method = try #require(HTTPRequest.Method(method))
        let places = Mutex<[Bool]>([])
        await threads.startTask { [threads] in
            let whileServed = await threads.serve(method) { await Self.isWhereAnswersArrive }
            let afterwards = await Self.isWhereAnswersArrive
            places.withLock { $0 = [whileServed, afterwards] }
        }.value
        #expect(places.withLock { $0 } == [stays, true])
    }
}
