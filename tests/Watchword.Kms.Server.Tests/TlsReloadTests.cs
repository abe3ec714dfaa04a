using System.Runtime.Versioning;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>TLS files that change while the KMS runs.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class TlsReloadTests : IAsyncLifetime
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(10);

    private KmsHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await KmsHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_new_certificate_serves_the_next_handshake_and_open_connections_live_on()
    {
        string before = RawConnection.ThumbprintOf(_host.Certificates.CertificateFile);
        using RawConnection old = await RawConnection.OpenAsync(_host.Address.Port);
        old.Thumbprint.ShouldBe(before);

        _host.Certificates.Renew("localhost", TestCertificates.From, TestCertificates.To);
        (await ShownAsync()).ShouldBe(before, "the files are looked at when their time has come");
        _host.Time.Advance(Poll);
        string after = RawConnection.ThumbprintOf(_host.Certificates.CertificateFile);
        after.ShouldNotBe(before);
        (await ShownAsync()).ShouldBe(after);

        await old.SendAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
        (await old.ReadAnswerAsync()).ShouldContain("200");
        old.Thumbprint.ShouldBe(before);
        _host.LogText.ShouldContain(" 2190 ");
    }

    [Fact]
    public async Task Intermediates_of_the_new_file_are_sent()
    {
        using (RawConnection alone = await RawConnection.OpenAsync(_host.Address.Port))
        {
            alone.Sent.ShouldBe(1);
        }

        (string intermediate, string certificate, string key) = TestCertificates.MakeUnderIntermediate(TestCertificates.From,
            TestCertificates.To);
        await File.WriteAllTextAsync(
            _host.Certificates.CertificateFile, certificate + "\n" + intermediate, TestContext.Current.CancellationToken);
        _host.Certificates.WriteKey(key);
        _host.Time.Advance(Poll);
        using RawConnection connection = await RawConnection.OpenAsync(_host.Address.Port);
        connection.Sent.ShouldBe(2);
    }

    [Theory]
    [InlineData("half a certificate", "NotAPair")]
    [InlineData("half a key", "NotAPair")]
    [InlineData("another key", "NotAPair")]
    [InlineData("no file", "Unreadable")]
    [InlineData("expired", "Expired")]
    [InlineData("not yet", "NotYetValid")]
    [InlineData("huge", "TooLarge")]
    public async Task Files_that_cannot_serve_leave_the_old_certificate_in_place_until_they_are_mended(string kind, string fault)
    {
        string before = RawConnection.ThumbprintOf(_host.Certificates.CertificateFile);
        DateTimeOffset now = _host.Time.GetUtcNow();
        (DateTimeOffset from, DateTimeOffset to) = kind switch
        {
            "expired" => (now.AddDays(-2), now.AddDays(-1)),
            "not yet" => (now.AddDays(1), now.AddDays(2)),
            _ => (TestCertificates.From, TestCertificates.To),
        };
        (_, string certificate, string key) = TestCertificates.Make("localhost", from, to);
        await WriteCertificateAsync(kind switch
        {
            "half a certificate" => certificate[..(certificate.Length / 2)],
            "huge" => certificate + new string('\n', 300_000),
            _ => certificate,
        });
        _host.Certificates.WriteKey(kind switch
        {
            "half a key" => key[..(key.Length / 2)],
            "another key" => TestCertificates.Make("localhost", from, to).Key,
            _ => key,
        });
        if (kind == "no file")
        {
            File.Delete(_host.Certificates.CertificateFile);
        }

        _host.Time.Advance(Poll);
        _host.Time.Advance(Poll);
        (await ShownAsync()).ShouldBe(before);
        _host.LogText.Split('\n').Count(line => line.Contains(" 2191 ", StringComparison.Ordinal)).ShouldBe(1, "told once");
        _host.LogText.ShouldContain(fault);

        _host.Certificates.Renew("localhost", TestCertificates.From, TestCertificates.To);
        _host.Time.Advance(Poll);
        (await ShownAsync()).ShouldBe(RawConnection.ThumbprintOf(_host.Certificates.CertificateFile));
    }

    [Fact]
    public async Task A_certificate_near_its_end_is_warned_about_once_a_day()
    {
        _host.Certificates.Renew("localhost", TestCertificates.From, _host.Time.GetUtcNow().AddDays(10));
        _host.Time.Advance(Poll);
        _host.Time.Advance(Poll);
        Warnings().ShouldBe(1);
        _host.Time.Advance(TimeSpan.FromDays(1));
        Warnings().ShouldBe(2);
        using RawConnection connection = await RawConnection.OpenAsync(_host.Address.Port);

        // Expired, it serves on for whoever accepts it, but no load balancer is sent here.
        _host.Time.Advance(TimeSpan.FromDays(10));
        await connection.SendAsync("GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n");
        (await connection.ReadAnswerAsync()).ShouldContain("503");
    }

    private int Warnings() => _host.LogText.Split('\n').Count(line => line.Contains(" 2192 ", StringComparison.Ordinal));

    private Task WriteCertificateAsync(string text) =>
        File.WriteAllTextAsync(_host.Certificates.CertificateFile, text, TestContext.Current.CancellationToken);

    private async Task<string> ShownAsync()
    {
        using RawConnection connection = await RawConnection.OpenAsync(_host.Address.Port);
        return connection.Thumbprint;
    }
}
