import FoundationEssentials
import Testing

@testable import Proxy

/// Pictures and other files in base64 are told from text, in what a request is estimated to take.
@Suite struct Base64Tests {
    /// As a compressed file looks: the same bytes each time.
    private static func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
    }

    private static let picture = Data(noise(1_000_000)).base64EncodedString()
    private static let prose = Data(
        String(repeating: "It was a bright cold day in April, and the clocks were striking thirteen. ", count: 5000)
            .utf8
    ).base64EncodedString()

    private func tokens(_ body: String) throws -> Int {
        let bytes = Array(body.utf8)
        let members = try RequestMembers(bytes)
        return Meter(requestBytes: bytes.count, binaryBytes: members.extras.binaryBytes, now: { 0 }).estimate.input
    }

    @Test(
        "A picture of 1 MB is some thousand tokens, wherever providers take it",
        arguments: [
            #"{"messages":[{"content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,@"}}]}]}"#,
            #"{"input":[{"content":[{"type":"input_image","image_url":"data:image/png;base64,@"}]}]}"#,
            #"{"input":[{"content":[{"type":"input_file","file_data":"data:application/pdf;base64,@"}]}]}"#,
            #"{"messages":[{"content":[{"type":"input_audio","input_audio":{"data":"@","format":"mp3"}}]}]}"#,
            #"{"messages":[{"content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"@"}}]}]}"#,
            #"{"input":[{"type":"image_generation_call","id":"ig","result":"@"}]}"#, #"{"images":["@"]}"#,
            #"{"image":"@"}"#, #"{"messages":[{"images":["@"]}]}"#, #"{"messages":[{"Image\u005fURL":{"url":"@"}}]}"#,
        ])
    func knowsFiles(body: String) throws {
        #expect((1900...2100).contains(try tokens(body.replacing("@", with: Self.picture))))
        let escaped = Self.picture.replacing("/", with: "\\/")
        #expect((1900...2100).contains(try tokens(body.replacing("@", with: escaped))))
    }

    @Test(
        "What stands where text is read is text, whatever it looks like",
        arguments: [
            #"{"messages":[{"content":"@"}]}"#, #"{"messages":[{"content":[{"type":"text","text":"@"}]}]}"#,
            #"{"input":"@"}"#, #"{"prompt":"@"}"#, #"{"messages":[{"content":"data:image/png;base64,@"}]}"#,
            #"{"messages":[{"type":"text","data":"@"}]}"#, #"{"messages":[{"media_type":"text/plain","data":"@"}]}"#,
            #"{"x":{"url":"@"}}"#,
        ])
    func knowsText(body: String) throws {
        #expect(try tokens(body.replacing("@", with: Self.picture)) >= Self.picture.utf8.count / 4)
    }

    @Test(
        "Text that poses as a file is text",
        arguments: [
            "data:text/plain;base64,\(prose)", "data:image/png;base64,\(prose)", prose,
            String(repeating: "itwasabrightcolddayinaprilandtheclocks", count: 10_000),
            String(repeating: "ITWASABRIGHTCOLDDAYINAPRILANDTHECLOCKS", count: 10_000),
            String(repeating: "ItWasABrightColdDayInAprilAndTheClocks", count: 10_000).lowercased(),
            String(repeating: "ItWasaBrightColdDayinAprilandTheClocksWere", count: 10_000),
            "data:image/png,\(picture)", "data:image/png;base64,\(picture)!", "\(picture) ",
            Data(String(repeating: "Жил-был поп, толоконный лоб. ", count: 10_000).utf8).base64EncodedString(),
        ])
    func knowsDisguises(text: String) throws {
        #expect(try tokens(#"{"messages":[{"url":"\#(text)"}]}"#) >= text.utf8.count / 4)
    }
}
