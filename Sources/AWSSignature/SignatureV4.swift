import Digests
package import HTTPTypes
import Transport

/// AWS's Signature Version 4, in header fields:
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
///
/// libcurl 7.88.1 has one too (`CURLOPT_AWS_SIGV4`), whose signature is wrong for a path with `%3A` or for a body that
/// is read from a callback.
package struct SignatureV4: Sendable {
    private let region: String
    private let service: String
    private let credentials: AWSCredentials

    package init(region: String, service: String, _ credentials: AWSCredentials) {
        self.region = region
        self.service = service
        self.credentials = credentials
    }

    /// - Parameter seconds: since 1970. AWS takes the signature for some minutes before and after.
    /// - Returns: the fields to be sent besides those of the request.
    package func fields(for request: SignableRequest, at seconds: Int64) -> HTTPFields {
        let time = SigningTime(seconds)
        var fields: HTTPFields = [.amzDate: time.instant]
        fields[.amzSecurityToken] = credentials.sessionToken
        let canonical = CanonicalRequest(request, with: fields)
        let scope = [time.day, region, service, Self.end]
        let text = [
            Self.algorithm, time.instant, scope.joined(separator: "/"),
            Hexadecimal.encode(SHA256.digest(of: Array(canonical.text.utf8))),
        ].joined(separator: "\n")
        let signature = Hexadecimal.encode(key(for: scope).code(for: Array(text.utf8)))
        fields[.authorization] =
            "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope.joined(separator: "/")), "
            + "SignedHeaders=\(canonical.signedFields), Signature=\(signature)"
        return fields
    }

    /// Made of the secret key, and good for one day, region and service only.
    private func key(for scope: [String]) -> HMACKey {
        scope.reduce(HMACKey(Array("AWS4\(credentials.secretAccessKey)".utf8))) { key, part in
            HMACKey(key.code(for: Array(part.utf8)))
        }
    }

    private static let algorithm = "AWS4-HMAC-SHA256"
    private static let end = "aws4_request"
}

extension HTTPField.Name {
    static let amzDate = known("x-amz-date")
    static let amzSecurityToken = known("x-amz-security-token")
}
