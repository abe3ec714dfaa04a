using Watchword.KeyManagement;
using Watchword.Mikey;

namespace Watchword.Cli.Tests.Messages;

/// <summary><c>mikey decode --kms-cert</c>, from the command line to the findings, without a profile.</summary>
public sealed class CertificateFileTests : IDisposable
{
    private readonly DirectoryInfo work = Directory.CreateTempSubdirectory("watchword-cli-");

    public void Dispose() => work.Delete(recursive: true);

    [Fact]
    public async Task A_certificate_alone_or_in_a_response_checks_uids_and_signature()
    {
        string message = Convert.ToBase64String(KeyedDomain.Home.Message(
            KeyDistribution.Musik, "sip:server.example.org", KeyedDomain.Partner.Recipient("sip:dave@example.net")));
        string home = Write("home.xml", KeyedDomain.Home.Certificate.WriteTo);
        string partner = Write("partner.xml", stream => WriteResponse(KeyedDomain.Partner.Certificate, stream));

        Run one = await RunAsync(message, "--kms-cert", home);
        one.ExpectExit(0);
        one.ExpectJson("messages.0.uids", "[3]");
        one.ExpectJson("messages.0.findings.3.result", "unknown");
        one.ExpectJson("messages.0.findings.4.check", "signature");
        one.ExpectJson("messages.0.findings.4.result", "passed");
        one.Settle();

        Run both = await RunAsync(message, "--kms-cert", home, "--kms-cert", partner);
        both.ExpectExit(0);
        both.ExpectJson("messages.0.uids", "[6]");
        both.ExpectJson("messages.0.findings.3.result", "passed");
        both.ExpectJson(
            "messages.0.uids.3.uid",
            KeyedDomain.Partner.Certificate.UserIdFor("sip:dave@example.net", KeyedDomain.Partner.PeriodAt(KeyedDomain.T))
                .ToHex().ToLowerInvariant());
        both.Settle();

        Run wrong = await RunAsync(message, "--kms-cert", partner);
        wrong.ExpectExit(0);
        wrong.ExpectJson("messages.0.findings.4.result", "unknown");
        wrong.Settle();
    }

    private static async Task<Run> RunAsync(params string[] arguments)
    {
        string[] words = ["mikey", "decode", .. arguments, "--json"];
        ScriptConsole console = new();
        console.Time.SetUtcNow(KeyedDomain.T);
        int code = await WatchwordCommand.RunAsync(words, console, TestContext.Current.CancellationToken);
        return new Run(words, code, console.Output, console.Error);
    }

    private static void WriteResponse(KmsCertificate certificate, Stream stream)
    {
        using KmsResponse response = new()
        {
            UserUri = "sip:alice@example.org",
            KmsUri = certificate.KmsUri,
            Time = KeyedDomain.T,
            ClientReqUrl = "https://kms.example.net/keymanagement/identity/v1/init",
            Message = new KmsInit(certificate),
        };
        response.WriteTo(stream);
    }

    private string Write(string name, Action<Stream> write)
    {
        string path = Path.Combine(work.FullName, name);
        using FileStream stream = File.Create(path);
        write(stream);
        return path;
    }
}
