using System.Net;
using System.Text;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>What tools of other makers make of this KMS.</summary>
public sealed class InteroperationTests : IAsyncLifetime
{
    private const string Alice = "sip:alice.ptt@mc.test.example";

    private KmsHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await KmsHost.StartAsync(("Kms:KmsId", "kms-1"));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Xmllint_accepts_every_kind_of_answer()
    {
        string good = _host.Token();
        Dictionary<string, Func<Task<Answer>>> kinds = new()
        {
            ["init"] = () => _host.PostAsync(AnnexDPaths.Init, good),
            ["keyprov-all"] = () => _host.KeyProvAsync(good),
            ["keyprov-uri"] = () => _host.KeyProvAsync(good, Alice),
            ["keyprov-uri-time"] = () => _host.KeyProvAsync(good, Alice, _host.Time.GetUtcNow()),
            ["no-token"] = () => _host.KeyProvAsync(null),
            ["bad-token"] = () => _host.KeyProvAsync("bad"),
            ["no-scope"] = () => _host.KeyProvAsync(_host.Token(("scope", "openid"))),
            ["other-uri"] = () => _host.KeyProvAsync(good, "sip:bob.ptt@mc.test.example"),
            ["far-period"] = () => _host.KeyProvAsync(good, Alice, _host.Time.GetUtcNow().AddDays(365)),
            ["bad-uri"] = () => _host.PostAsync("/keymanagement/identity/v1/keyprov/a%zz", good),
            ["bad-body"] = () => _host.KeyProvAsync(good, body: Encoding.ASCII.GetBytes("<a>&lt;")),
            ["large-body"] = () => _host.KeyProvAsync(good, body: new byte[70_000]),
            ["wrong-path"] = () => _host.PostAsync("/<script>&", good),
            ["wrong-method"] = () => _host.PostAsync(AnnexDPaths.Init, good, method: HttpMethod.Put),
        };
        List<string> files = [];
        foreach ((string name, Func<Task<Answer>> ask) in kinds)
        {
            using Answer answer = await ask();
            files.Add(Path.Combine(_host.Directory, name + ".xml"));
            await File.WriteAllBytesAsync(files[^1], answer.Body, TestContext.Current.CancellationToken);
        }

        string schema = Path.Combine(AppContext.BaseDirectory, "schemas", "kms-interface.xsd");
        (int exitCode, _, string errors) = await Tool.RunAsync("xmllint", ["--noout", "--nonet", "--schema", schema, .. files]);
        exitCode.ShouldBe(0, errors);

        // The same tool and schema do refuse: a document without its KmsUri.
        string bad = Path.Combine(_host.Directory, "bad.xml");
        string text = await File.ReadAllTextAsync(files[0], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            bad, text.Replace("KmsUri>", "KmsUrl>", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await Tool.RunAsync("xmllint", "--noout", "--nonet", "--schema", schema, bad)).ExitCode.ShouldNotBe(0);
    }

    [Fact]
    public async Task Bare_curl_with_a_token_is_keyed()
    {
        KmsCertificate certificate = await _host.CertificateAsync();
        string url = _host.Address + AnnexDPaths.KeyProv(Alice)[1..];
        (int exitCode, byte[] output, string errors) = await Tool.RunAsync(
            "curl", "--silent", "--show-error", "--fail", "--cacert", _host.Certificates.CaFile,
            "--request", "POST", "--header", "Authorization: Bearer " + _host.Token(), url);
        exitCode.ShouldBe(0, errors);
        using KmsResponse response = KmsResponse.Parse(output);
        KmsKeySet keySet = ((KmsKeyProv)response.Message!).KeySets.Single();
        keySet.TryValidate(certificate, out ValidatedKeySet? validated, out KeySetFault fault).ShouldBeTrue(fault.ToString());
        validated.Dispose();
    }

    [Fact]
    public async Task Curl_that_posts_a_form_is_told_what_is_wrong()
    {
        using Answer answer = await _host.PostAsync(AnnexDPaths.Init, _host.Token(), "grant=x"u8.ToArray());
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Error.ShouldBe(KmsError.MalformedRequest);
    }

    [Fact]
    public async Task The_uid_can_be_given_out_in_hexadecimal()
    {
        await using KmsHost host = await KmsHost.StartAsync(("Kms:UserIdEncoding", "Hexadecimal"));
        using Answer answer = await host.KeyProvAsync(host.Token(), Alice);
        Encoding.UTF8.GetString(answer.Body).ShouldContain($">{answer.KeySets.Single().UserId.ToHex()}<");
    }
}
