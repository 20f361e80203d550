import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOSSL
import Synchronization

/// The HTTP side of the server: reads requests, writes responses, and carries out faults.
struct APIResponder: HTTPResponder {
    /// The largest body that the real server accepts, in bytes.
    static let bodyLimit = 3_145_728

    /// A connection, as far as a request needs it.
    struct Context: InitializableFromSource {
        let channel: any Channel

        init(source: ApplicationRequestContextSource) { channel = source.channel }
    }

    let api: API

    func respond(to request: Request, context: Context) async throws -> Response {
        let user = request.headers[.authorization] == nil ? await certificateUser(context.channel) : nil
        let body: [UInt8]
        do {
            body = Array(buffer: try await request.body.collect(upTo: Self.bodyLimit))
        } catch is NIOTooManyBytesError {
            var response = Response(APIResponse(.requestTooLarge(limit: Self.bodyLimit)))
            response.headers[.connection] = "close"
            return response
        }
        let exchange = Exchange(request, body: body, certificateUser: user)
        switch try await api.respond(to: exchange) {
        case .answer(let response, let delivery):
            var opening: OpenLogs.Opening?
            if let stream = response.stream {
                await Connections.closeOnDeparture(context.channel)
                if case .log = stream { opening = api.controls.openLogs.add(over: context.channel) }
            }
            let whole = Response(response, delivery, over: context.channel, opening: opening)
            return request.method == .head ? whole.createHeadResponse() : whole
        case .cut: await Connections.cut(context.channel)
        case .hang: await wait(for: context.channel)
        }
        // The connection is closed: this is never sent.
        return Response(status: .internalServerError)
    }

    /// Waits until the client closes the connection.
    private func wait(for channel: any Channel) async {
        await Connections.closeOnDeparture(channel)
        await withTaskCancellationHandler {
            try? await channel.closeFuture.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    private func certificateUser(_ channel: any Channel) async -> String? {
        guard let certificate = try? await channel.nioSSL_peerCertificate().get() else { return nil }
        // NIOSSL shows the common name only in its description.
        let description = certificate.description
        guard let start = description.firstRange(of: ";common_name=")?.upperBound else { return "unnamed" }
        return String(description[start...].prefix { $0 != ";" && $0 != ">" })
    }
}

extension Response {
    /// - Parameter channel: The connection over which the response is sent.
    init(
        _ response: APIResponse, _ delivery: API.Delivery = .init(), over channel: (any Channel)? = nil,
        opening: OpenLogs.Opening? = nil
    ) {
        var headers = HTTPFields()
        headers[.date] = HTTPDate.now
        if !response.body.isEmpty || response.stream != nil || response.status != 204 {
            headers[.contentType] = response.contentType
        }
        headers[.cacheControl] = "no-cache, private"
        for (name, value) in response.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        let body: ResponseBody
        if let stream = response.stream {
            body = ResponseBody { writer in
                defer { opening?.end() }
                let end = try await stream.forEachPiece(with: delivery.fault) { piece in
                    if let drip = delivery.drip {
                        try await writer.write(piece, dripping: drip)
                    } else {
                        try await writer.write(ByteBuffer(bytes: piece))
                    }
                }
                switch end {
                case .complete: break
                case .cut: if let channel { await Connections.cut(channel) }
                case .hang: try await channel?.closeFuture.get()
                }
                try await writer.finish(nil)
            }
        } else if let drip = delivery.drip {
            body = ResponseBody(contentLength: response.body.count) { writer in
                try await writer.write(response.body, dripping: drip)
                try await writer.finish(nil)
            }
        } else if let pid = delivery.killing, let channel {
            let buffer = ByteBuffer(bytes: response.body)
            body = ResponseBody(contentLength: response.body.count) { writer in
                try await writer.write(buffer)
                try await writer.finish(nil)
                // Everything that was passed to the channel before is written by now.
                channel.eventLoop.execute { kill(pid, SIGKILL) }
            }
        } else {
            body = ResponseBody(byteBuffer: ByteBuffer(bytes: response.body))
        }
        self.init(status: HTTPResponse.Status(code: response.status), headers: headers, body: body)
    }
}

extension ResponseBodyWriter {
    /// Writes one byte at a time, with a pause after each: the fault itself.
    fileprivate mutating func write(_ bytes: [UInt8], dripping milliseconds: Int) async throws {
        for byte in bytes {
            try await write(ByteBuffer(bytes: [byte]))
            try await Task.sleep(for: .milliseconds(milliseconds))
        }
    }
}

/// The time for the `Date` header, written once a second.
private enum HTTPDate {
    private static let last = Mutex<(second: Int, text: String)>((0, ""))

    static var now: String {
        let second = Int(Date().timeIntervalSince1970)
        return last.withLock { last in
            if last.second != second {
                var (time, parts) = (time_t(second), tm())
                gmtime_r(&time, &parts)
                let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
                let months = [
                    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
                ]
                func digits(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
                last.text =
                    "\(days[Int(parts.tm_wday)]), \(digits(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
                    + "\(parts.tm_year + 1900) "
                    + "\(digits(parts.tm_hour)):\(digits(parts.tm_min)):\(digits(parts.tm_sec)) GMT"
                last.second = second
            }
            return last.text
        }
    }
}
