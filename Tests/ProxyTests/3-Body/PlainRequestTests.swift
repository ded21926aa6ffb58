import Testing

@testable import Proxy

@Suite struct PlainRequestTests {
    @Test(
        "A request for a stream becomes one for a plain response",
        arguments: [
            (#"{"stream":true,"a":"stream"}"#, #"{"stream":false,"a":"stream"}"#),
            (
                #"{ "stream" : true , "stream_options":{"include_usage":true}}"#,
                #"{ "stream" : false , "stream_options":null}"#
            ),
            (#"{"Stream":1,"stream":"yes"}"#, #"{"Stream":false,"stream":false}"#), (#"{"a":{"stream":true}}"#, nil),
            ("{}", nil),
            ("", nil), ("[1", nil), (#"{"stream":true"#, nil),
        ])
    func turnsOff(body: String, plain: String?) {
        #expect(String(decoding: PlainRequest.bytes(Array(body.utf8)), as: UTF8.self) == plain ?? body)
    }
}
