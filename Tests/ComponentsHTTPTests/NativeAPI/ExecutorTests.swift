import HTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import ComponentsHTTP

struct ExecutorTests {
    @Test(arguments: [("GET", "/api/v1/tool/demo/config", true), ("POST", "/api/v1/tool/demo/deploy", false)])
    func onlyADeployLeavesTheExecutorOfItsTask(method: String, path: String, stays: Bool) async throws {
        let places = Mutex<[Bool]>([])
        let operations = RecordingOperations { places.withLock { $0.append(QueueExecutor.isCurrent) } }
        let request = APIRequest(try #require(HTTPRequest.Method(method)), path)
        let responder = APIResponder(table: .serving(operations), logger: .silent)
        let isBack = await withTaskExecutorPreference(QueueExecutor()) {
            _ = await responder.respond(to: request)
            return QueueExecutor.isCurrent
        }
        #expect(places.withLock { $0 } == [stays])
        #expect(isBack)
    }
}
