import Testing
import YAML

@testable import FunctionURL

@Suite struct TemplateTests {
    private func template(_ text: String) throws -> Template { try Template(Array(text.utf8)) }

    @Test func `The CORS block of a function is read, whatever is around it`() throws {
        let template = try self.template(
            """
            AWSTemplateFormatVersion: "2010-09-09"
            Transform: AWS::Serverless-2016-10-31
            Conditions:
              Has: !Not [!Equals [!Ref X, ""]]
            Resources:
              Bucket:
                Type: AWS::S3::Bucket
              Proxy:
                Type: AWS::Serverless::Function
                Properties:
                  ImageUri: !Sub "${AWS::AccountId}.dkr"
                  Environment: {Variables: {A: !If [Has, !GetAtt B.C, !Ref "AWS::NoValue"]}}
                  FunctionUrlConfig:
                    AuthType: NONE
                    InvokeMode: RESPONSE_STREAM
                    Cors:
                      AllowOrigins: [https://a.example, "*"]
                      AllowMethods:
                        - GET
                        - POST
                      AllowHeaders: [authorization]
                      ExposeHeaders: [x-request-id]
                      AllowCredentials: true
                      MaxAge: 86400
            """)
        let expected = CORSConfiguration(
            allowOrigins: ["https://a.example", "*"], allowMethods: ["GET", "POST"], allowHeaders: ["authorization"],
            exposeHeaders: ["x-request-id"], allowCredentials: true, maxAge: 86400)
        #expect(template.cors == expected)
        #expect(template.warnings.isEmpty)
    }

    @Test func `A reference is replaced by the default of its parameter`() throws {
        let template = try self.template(
            """
            Parameters:
              Origins: {Type: CommaDelimitedList, Default: "https://a.example, https://b.example"}
              Age: {Type: Number, Default: 5}
              Method: {Type: String, Default: GET}
            Resources:
              F: {Properties: {FunctionUrlConfig: {Cors: {
                AllowOrigins: !Ref Origins, MaxAge: !Ref Age, AllowMethods: [!Ref Method, POST]}}}}
            """)
        #expect(template.cors?.allowOrigins == ["https://a.example", "https://b.example"])
        #expect(template.cors?.maxAge == 5)
        #expect(template.cors?.allowMethods == ["GET", "POST"])
    }

    @Test func `Values merged from another function count as its own`() throws {
        let template = try self.template(
            """
            Cors: &cors {MaxAge: 7, AllowMethods: [GET]}
            Resources: {F: {Properties: {FunctionUrlConfig: {Cors: {<<: *cors, MaxAge: 8}}}}}
            """)
        #expect(template.cors == CORSConfiguration(allowMethods: ["GET"], maxAge: 8))
    }

    @Test func `A value that can't be known here is reported with its line, and left out`() throws {
        let template = try self.template(
            """
            Resources:
              F:
                Properties:
                  FunctionUrlConfig:
                    Cors:
                      AllowOrigins: !Ref Missing
                      AllowMethods: !Split [",", x]
                      AllowHeader: [a]
            """)
        #expect(template.cors == CORSConfiguration())
        #expect(template.warnings.count == 3)
        for (warning, line) in zip(template.warnings, 6...8) {
            #expect(warning.hasPrefix("line \(line): "))
        }
    }

    @Test(arguments: [
        "Globals: {Function: {FunctionUrlConfig: {Cors: {MaxAge: 7}}}}",
        "Resources: {U: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: x, Cors: {MaxAge: 7}}}}",
        #"{"Resources": {"F": {"Properties": {"FunctionUrlConfig": {"Cors": {"MaxAge": 7}}}}}}"#,
    ])
    func `The block may also be in the globals or be a resource of its own, in JSON too`(text: String) throws {
        #expect(try self.template(text).cors == CORSConfiguration(maxAge: 7))
    }

    @Test(arguments: [
        "", "# nothing", "Resources: {}", "- a list", "Resources: {F: {Properties: {FunctionUrlConfig: {}}}}",
    ])
    func `A template without the block configures no CORS`(text: String) throws {
        #expect(try self.template(text).cors == nil)
    }

    @Test func `Invalid YAML is refused with its line`() throws {
        let error = #expect(throws: YAMLError.self) { try self.template("a: 1\nb: [") }
        #expect((error?.line ?? 0) >= 2)
    }

    @Test func `An endless or deeply nested document is refused`() {
        #expect(throws: YAMLError.self) { try self.template("a: &x [*x]") }
        #expect(throws: YAMLError.self) {
            try self.template(String(repeating: "[", count: 500) + String(repeating: "]", count: 500))
        }
    }
}
