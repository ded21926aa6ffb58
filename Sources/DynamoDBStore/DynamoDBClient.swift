import AWSSignature
import HTTPTypes
import JSONBytes
import Proxy
import Transport

/// A client of DynamoDB's HTTP API, limited to calls for one item.
struct DynamoDBClient: Sendable {
    let address: TableAddress
    private let signature: SignatureV4?
    private let transport: any HTTPTransport
    private let clock: SynchronizedClock

    init(
        _ address: TableAddress, _ credentials: AWSCredentials?, over transport: any HTTPTransport,
        clock: SynchronizedClock
    ) {
        self.address = address
        signature = credentials.map { SignatureV4(region: address.region, service: "dynamodb", $0) }
        self.transport = transport
        self.clock = clock
    }

    func send<Item>(_ call: TableCall, reading: Item.Type) async throws(StoreError) -> ItemResponse<Item> {
        guard let signature else { throw noCredentials }
        let now = clock.local()
        guard call.request?.hasTime(at: now) != false else { throw .outOfTime }
        guard (call.timeLeft(at: now) ?? 1) > 0 else { throw outOfTime }
        var request = request(call, signature)
        request.cancellation = call.request?.cancellation.branch()
        defer { if let branch = request.cancellation { call.request?.cancellation.close(branch) } }
        let (status, body) = try await exchange(request, call)
        guard let answer = try? ItemResponse<Item>(body) else {
            throw status == .ok ? nonsense : failure(status.code, "", of: call.operation)
        }
        guard status == .ok || answer.isRefusal else {
            throw failure(status.code, answer.errorName, of: call.operation)
        }
        return answer
    }

    /// Retries a request once if its connection closes without a response, as AWS's own SDKs do: DynamoDB may have
    /// closed a kept connection at the same moment. The first request may have been carried out too. That is safe
    /// unless it gives usage back.
    private func exchange(
        _ request: TransportRequest, _ call: TableCall
    ) async throws(StoreError) -> (status: HTTPResponse.Status, body: [UInt8]) {
        var request = request
        do throws(TransportError) {
            do throws(TransportError) {
                return try await exchangeOnce(&request, call)
            } catch {
                guard error.kind == .reset, call.isRepeatable else { throw error }
                return try await exchangeOnce(&request, call)
            }
        } catch {
            // The request's own end says nothing about DynamoDB.
            if call.request?.hasTime(at: clock.local()) == false { throw .outOfTime }
            throw unreachable(error, within: request.limits)
        }
    }

    private func exchangeOnce(
        _ request: inout TransportRequest, _ call: TableCall
    ) async throws(TransportError) -> (status: HTTPResponse.Status, body: [UInt8]) {
        let sent = clock.local()
        request.limits = Self.limits.shortened(to: call.timeLeft(at: sent))
        let response = try await transport.open(request)
        clock.learn(from: response.fields, sent: sent)
        return (response.status, try await response.body.collect(upTo: Self.longestAnswer))
    }

    private func request(_ call: TableCall, _ signature: SignatureV4) -> TransportRequest {
        let body = call.json(in: address.table).serialized
        var fields: HTTPFields = [
            .contentType: "application/x-amz-json-1.0", .amzTarget: "DynamoDB_20120810.\(call.operation.rawValue)",
        ]
        let signed = SignableRequest(.post, url: address.url, fields: fields, body: body)
        fields.append(contentsOf: signature.fields(for: signed, at: max(0, clock.now() / 1000)))
        return TransportRequest(.post, address.url, fields: fields, body: .bytes(body))
    }

    /// In the same region, DynamoDB connects and responds within a few milliseconds. Callers wait for it before their
    /// request is sent, so a slow response should soon count as a failure. Time in which the loop itself is busy
    /// doesn't count, except for the total.
    private static let limits = {
        var limits = TimeLimits()
        limits.connect = 500
        limits.firstByte = 1000
        limits.idle = 1000
        limits.total = 60_000
        return limits
    }()

    /// In bytes. An item has at most 400 KB; leases make one long, and so does a part of a cached response, which is
    /// a third longer in base64: see `DynamoDBCache.longestPart`.
    private static let longestAnswer = 512 * 1024
}

extension TimeLimits {
    /// - Parameter total: in milliseconds; nil to change nothing.
    fileprivate func shortened(to total: Int?) -> TimeLimits {
        guard let total = total.map({ max(1, $0) }) else { return self }
        var limits = self
        limits.connect = min(connect, total)
        limits.firstByte = min(firstByte ?? total, total)
        limits.idle = min(idle ?? total, total)
        limits.total = min(limits.total ?? total, total)
        return limits
    }
}

extension HTTPField.Name {
    static let amzTarget = known("x-amz-target")
}

/// The error texts for the owner. DynamoDB's own messages aren't shown: the one about a wrong signature contains the
/// session token.
extension DynamoDBClient {
    private var table: String { "the table '\(address.table)' in \(address.region)" }

    var noCredentials: StoreError {
        StoreError(
            "There are no AWS credentials for DynamoDB: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
                + "aren't set. In Lambda they come from the function's role.", isSilent: false)
    }

    var outOfTime: StoreError {
        StoreError(
            "There wasn't enough time for all calls to DynamoDB at \(address.url). If that happens often, "
                + "store shorter responses in \(table), or give it more capacity.", isSilent: false)
    }

    var nonsense: StoreError {
        StoreError(
            "The server at \(address.url) isn't DynamoDB, or another program writes to \(table).", isSilent: false)
    }

    func unreachable(_ error: TransportError, within limits: TimeLimits) -> StoreError {
        switch error.kind {
        case .malformed, .tooLarge: nonsense
        case .timeout, .firstByteTimeout, .idleTimeout:
            StoreError("DynamoDB at \(address.url) did not answer within \(limits.firstByte ?? 0) ms.", isSilent: true)
        default: StoreError("DynamoDB at \(address.url) can't be reached: \(error.detail).", isSilent: true)
        }
    }

    /// - Parameter name: the error's name; empty if the response has none.
    func failure(_ status: Int, _ name: String, of operation: TableCall.Operation) -> StoreError {
        let reason = name.isEmpty ? "without a reason" : "(\(name))"
        return StoreError(
            advice(name, operation) ?? "DynamoDB answered \(status) \(reason) for \(table).", isSilent: false)
    }

    private func advice(_ name: String, _ operation: TableCall.Operation) -> String? {
        switch name {
        case "ResourceNotFoundException":
            "There is no \(table.dropFirst(4)). Create it: aws dynamodb create-table --table-name \(address.table) "
                + "--region \(address.region) --billing-mode PAY_PER_REQUEST "
                + "--attribute-definitions AttributeName=\(Attribute.id),AttributeType=S "
                + "--key-schema AttributeName=\(Attribute.id),KeyType=HASH; and turn its time to live on: "
                + "aws dynamodb update-time-to-live --table-name \(address.table) --region \(address.region) "
                + "--time-to-live-specification Enabled=true,AttributeName=\(Attribute.expires)"
        case "AccessDeniedException":
            "The function's role may not use DynamoDB: it needs dynamodb:\(operation.rawValue) on \(table)."
        case "ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded":
            "DynamoDB throttles \(table) (\(name)): give it more capacity, or use on-demand mode. One item allows 1000 "
                + "writes a second."
        case "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException",
            "IncompleteSignatureException", "MissingAuthenticationTokenException", "InvalidClientTokenId",
            "SignatureDoesNotMatch":
            "DynamoDB refused the AWS credentials (\(name)): they are wrong or have expired, or they aren't for "
                + "\(address.region), or the clock is wrong."
        case "ValidationException":
            "The key of \(table) is wrong: its only key must be '\(Attribute.id)', a string."
        default: nil
        }
    }
}

/// The location of a table.
struct TableAddress: Sendable {
    let table: String
    let region: String
    /// The URL that requests are sent to.
    let url: String

    /// - Parameter endpoint: the URL, without a slash at its end; nil for AWS's own.
    init(table: String, region: String, endpoint: String?) {
        self.table = table
        self.region = region
        url = (endpoint ?? "https://dynamodb.\(region).\(AWSHost.domain(of: region))") + "/"
    }
}
