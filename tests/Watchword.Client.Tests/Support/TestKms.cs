using System.Net;
using System.Net.Http.Headers;
using Watchword.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Client.Tests.Support;

/// <summary>One security domain with its master keys, made once: generating them is the dear part.</summary>
public sealed class TestDomain
{
    public TestDomain(string kmsUri)
    {
        Certificate = new KmsCertificate
        {
            KmsUri = kmsUri,
            Schedule = new KeyPeriodSchedule(2592000, 0),
            PublicEncryptionKey = Sakke.PublicKey,
            PublicAuthenticationKey = Eccsi.PublicKey,
        };
    }

    public static TestDomain Home { get; } = new("kms.lab.example");

    public static TestDomain Other { get; } = new("kms.lab.example");

    public EccsiMasterKey Eccsi { get; } = EccsiMasterKey.Generate();

    public SakkeMasterKey Sakke { get; } = SakkeMasterKey.Generate();

    public KmsCertificate Certificate { get; }

    public KmsKeySet Issue(string userUri, long period)
    {
        UserId uid = Certificate.UserIdFor(userUri, period);
        using EccsiSigningKey signing = Eccsi.IssueSigningKey(uid.Octets);
        using SakkeReceiverKey receiver = Sakke.IssueReceiverKey(uid.Octets);
        return KmsKeySet.Create(Certificate, userUri, period, signing, receiver);
    }
}

/// <summary>A KMS as far as a client can see one, speaking the octets of Annex D. Each test bends one thing.</summary>
public sealed class TestKms(TimeProvider time) : HttpMessageHandler
{
    public const string Url = "https://kms.test";

    public TestDomain Domain { get; set; } = TestDomain.Home;

    public List<string> Paths { get; } = [];

    public List<string> Bodies { get; } = [];

    /// <summary>What was asked for, and when.</summary>
    public List<(DateTimeOffset At, AnnexDTarget Target)> Requests { get; } = [];

    public List<AuthenticationHeaderValue?> Authorizations { get; } = [];

    /// <summary>The identities keyed where the path names none.</summary>
    public IReadOnlyList<string> Identities { get; set; } = [TestIdm.McpttId, TestIdm.McVideoId];

    /// <summary>Answers instead of the KMS; null to let it answer.</summary>
    public Func<int, HttpResponseMessage?> Intercept { get; set; } = _ => null;

    public Func<KmsCertificate, KmsCertificate> BendCertificate { get; set; } = c => c;

    public Func<string, long, KmsKeySet>? BendKeySet { get; set; }

    /// <summary>Changes the document that goes out.</summary>
    public Func<string, string> BendXml { get; set; } = x => x;

    public string AnswerUserUri { get; set; } = TestIdm.McpttId;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Paths.Add(request.RequestUri!.AbsolutePath);
        Bodies.Add(request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken));
        Authorizations.Add(request.Headers.Authorization);
        AnnexDPaths.TryParse(request.RequestUri.AbsolutePath, out AnnexDTarget? target).ShouldBeTrue();
        Requests.Add((time.GetUtcNow(), target!));
        HttpResponseMessage response = Intercept(Paths.Count) ?? Answer(request.RequestUri);
        response.RequestMessage = request;
        response.Headers.Add("X-Correlation-Id", $"kms-{Paths.Count}");
        return response;
    }

    public HttpResponseMessage Error(HttpStatusCode status, int code, string words) =>
        Xml(new KmsResponse
        {
            UserUri = TestIdm.McpttId,
            KmsUri = Domain.Certificate.KmsUri,
            Time = time.GetUtcNow(),
            ClientReqUrl = Url,
            Error = new KmsErrorBody(code, words),
        }, status);

    private HttpResponseMessage Answer(Uri url)
    {
        AnnexDPaths.TryParse(url.AbsolutePath, out AnnexDTarget? target).ShouldBeTrue();
        KmsMessage message = target!.Operation == AnnexDOperation.Init ? new KmsInit(BendCertificate(Domain.Certificate)) : KeyProv(target);
        return Xml(new KmsResponse
        {
            UserUri = AnswerUserUri,
            KmsUri = Domain.Certificate.KmsUri,
            Time = time.GetUtcNow(),
            ClientReqUrl = url.AbsoluteUri,
            Message = message,
        }, HttpStatusCode.OK);
    }

    private KmsKeyProv KeyProv(AnnexDTarget target)
    {
        DateTimeOffset at = target.Time is { } ntp ? NtpTimestamp.ToDateTimeOffset(ntp, time.GetUtcNow()) : time.GetUtcNow();
        long period = Domain.Certificate.PeriodAt(at).Number;
        IReadOnlyList<string> uris = target.Argument is { } uri ? [uri] : Identities;
        return new KmsKeyProv([.. uris.Select(u => BendKeySet?.Invoke(u, period) ?? Domain.Issue(u, period))]);
    }

    private HttpResponseMessage Xml(KmsResponse content, HttpStatusCode status)
    {
        using MemoryStream stream = new();
        using (content)
        {
            content.WriteTo(stream);
        }

        string xml = BendXml(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
        return new HttpResponseMessage(status) { Content = new StringContent(xml, System.Text.Encoding.UTF8, "application/xml") };
    }
}

/// <summary>A clock whose timers fire at once; it notes what was waited for.</summary>
public sealed class ImmediateTime(TimeProvider clock) : TimeProvider
{
    public List<TimeSpan> Waits { get; } = [];

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waits.Add(dueTime);
        return System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
