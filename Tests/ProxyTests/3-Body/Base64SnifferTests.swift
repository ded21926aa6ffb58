import FoundationEssentials
import Testing

@testable import Proxy

/// Images and other files in base64 are distinguished from text when a request's tokens are estimated.
@Suite struct Base64SnifferTests {
    /// Bytes like those of a compressed file, always the same.
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
        return Meter(requestBytes: bytes.count, binaryBytes: members.restrictedFeatures.binaryBytes, now: { 0 })
            .estimate.input
    }

    @Test(
        "An image of 1 MB counts as a few thousand tokens, wherever providers accept it",
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

    /// With the line breaks of MIME and of Python's `encodebytes`.
    private static func lines(_ text: String, _ end: String) -> String {
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count, by: 76).map { start in
            String(decoding: bytes[start..<min(start + 76, bytes.count)], as: UTF8.self) + end
        }.joined()
    }

    private static func repeated(_ bytes: [UInt8]) -> String {
        Data((0..<96_000 / bytes.count).flatMap { _ in bytes }).base64EncodedString()
    }

    /// Fake images, as people use them to try a client.
    private static let dummies = [
        repeated([0]), repeated(Array("x".utf8)), repeated([0xFF, 0xD8, 0xFF]), repeated([0xFF]), repeated([0xAB]),
        repeated(Array(UInt8.min...UInt8.max)), repeated([0xDE, 0xAD, 0xBE, 0xEF]), repeated([0x89, 0x50, 0x4E, 0x47]),
        repeated(Array("fake image data ".utf8)), String(repeating: "abcd", count: 32_000),
        String(repeating: "QUJD", count: 32_000), String(repeating: "iVBORw0KGgo", count: 12_000), prose,
        Data([0x89, 0x50, 0x4E, 0x47] + [UInt8](repeating: 0x78, count: 90_000)).base64EncodedString(),
    ]

    @Test("A value with a file's media type is a file, whatever its bytes are", arguments: dummies)
    func knowsDummies(data: String) throws {
        for body in [
            #"{"messages":[{"content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,@"}}]}]}"#,
            #"{"messages":[{"content":[{"type":"input_audio","input_audio":{"data":"@","format":"mp3"}}]}]}"#,
            #"{"messages":[{"content":[{"source":{"type":"base64","media_type":"image/png","data":"@"}}]}]}"#,
            #"{"messages":[{"content":[{"source":{"data":"@","type":"base64","media_type":"image/png"}}]}]}"#,
            #"{"contents":[{"parts":[{"inlineData":{"mimeType":"Application/PDF","data":"@"}}]}]}"#,
        ] {
            #expect(try tokens(body.replacing("@", with: data)) < data.utf8.count / 600)
        }
    }

    @Test(
        "Bare base64 is a file if it decodes to something other than text",
        arguments: [
            repeated([0xFF, 0xD8, 0xFF]), repeated([0xFF]), repeated([0xAB]), repeated([0]),
            repeated(Array(UInt8.min...UInt8.max)), repeated([0xDE, 0xAD, 0xBE, 0xEF]), lines(picture, "\\n"),
            lines(repeated([0xFF, 0xD8, 0xFF]), "\\r\\n"),
        ])
    func knowsBare(data: String) throws {
        #expect(try tokens(#"{"messages":[{"images":["\#(data)"]}]}"#) < data.utf8.count / 600)
    }

    @Test(
        "A data URI is parsed as loosely as providers parse it",
        arguments: [
            "DATA:IMAGE/PNG;BASE64,@", "data:image/png;base64, @", " data:image/png;base64,@",
            "data:image/png;name=a.png;charset=x;base64,@", "data: image/png ;base64,@", "data:audio/wav;base64,@",
            "data:video/mp4;base64,@", "data:font/woff2;base64,@", "data:application/pdf;base64,@",
            "data:application/octet-stream;base64,@", "data:application/zip;base64,@",
            "data:application/msword;base64,@",
            "data:application/vnd.openxmlformats-officedocument.wordprocessingml.document;base64,@",
            "data:application/vnd.oasis.opendocument.text;base64,@",
        ])
    func readsURIs(form: String) throws {
        let data = Self.prose
        let escaped = data.replacing("=", with: "%3D").replacing("u", with: "%2B").replacing("S", with: "%2F")
        for text in [data, Self.lines(data, "\\n"), Self.lines(data, "\\r\\n"), Self.lines(data, " "), escaped] {
            let url = form.replacing("@", with: text)
            #expect(try tokens(#"{"messages":[{"content":[{"url":"\#(url)"}]}]}"#) < text.utf8.count / 500)
        }
    }

    @Test(
        "Files are recognized under every name that providers use",
        arguments: [
            "input_audio", "document_url", "image_base64", "file", "audio", "audio_base64", "video_url", "inputAudio",
            "pdf_url",
        ])
    func knowsNames(name: String) throws {
        for body in [#"{"messages":[{"content":[{"\#(name)":"@"}]}]}"#, #"{"\#(name)":"@"}"#] {
            #expect(try tokens(body.replacing("@", with: Self.picture)) < 2100)
        }
    }

    @Test(
        "A value where providers read text is text, whatever it looks like",
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
        "Text that is labeled as a file is text",
        arguments: [
            "data:text/plain;base64,\(prose)", "DATA:Text/Markdown;charset=utf-8;BASE64,\(prose)", prose,
            "data:application/json;base64,\(prose)", "data:application/ld+json;base64,\(prose)",
            "data:application/x-yaml;base64,\(prose)", "data:;base64,\(prose)", "data:x;base64,\(prose)",
            lines(prose, "\\n"), "data:text/plain;base64,\(lines(prose, "\\r\\n"))",
            String(repeating: "itwasabrightcolddayinaprilandtheclocks", count: 10_000),
            String(repeating: "ITWASABRIGHTCOLDDAYINAPRILANDTHECLOCKS", count: 10_000),
            String(repeating: "ItWasABrightColdDayInAprilAndTheClocks", count: 10_000).lowercased(),
            String(repeating: "ItWasaBrightColdDayinAprilandTheClocksWere", count: 10_000),
            "data:image/png;base64,\(String(repeating: "It was a bright cold day in April ", count: 10_000))",
            "data:image/png,\(picture)", "data:image/png;base64,\(picture)!", "\(picture)!",
            Data(String(repeating: "Жил-был поп, толоконный лоб. ", count: 10_000).utf8).base64EncodedString(),
        ])
    func knowsDisguises(text: String) throws {
        #expect(try tokens(#"{"messages":[{"url":"\#(text)"}]}"#) >= text.utf8.count / 4)
    }
}
