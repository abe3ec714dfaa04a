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

    public List<string> Agents { get; } = [];

    /// <summary>The identities keyed where the path names none.</summary>
    public IReadOnlyList<string> Identities { get; set; } = [TestIdm.McpttId, TestIdm.McVideoId];

    /// <summary>Answers instead of the KMS; null to let it answer.</summary>
    public Func<int, HttpResponseMessage?> Intercept { get; set; } = _ => null;

    public Func<KmsCertificate, KmsCertificate> BendCertificate { get; set; } = c => c;

    /// <summary>The domains that the client may migrate to.</summary>
    public IReadOnlyList<KmsReference> MigrationServices { get; set; } = [];

    public Func<string, long, KmsKeySet>? BendKeySet { get; set; }

    /// <summary>Changes the document that goes out.</summary>
    public Func<string, string> BendXml { get; set; } = x => x;

    public string AnswerUserUri { get; set; } = TestIdm.McpttId;

    /// <summary>The security extension for the one client; null for a KMS without.</summary>
    public TestEnrolment? Enrolment { get; set; }

    /// <summary>Takes a request away after the KMS has worked on it: its answer is lost.</summary>
    public Func<int, bool> LosesAnswer { get; set; } = _ => false;

    /// <summary>Certificates of partner domains by their KMS URI, for certcache and cert.</summary>
    public List<KmsCertificate> Partners { get; } = [];

    public long? CacheNumber { get; set; } = 1;

    public IReadOnlyList<KmsCertificate> Announced { get; set; } = [];

    public Func<string, IReadOnlyList<KmsReference>> LookUp { get; set; } = _ => [];

    public Func<string, long, IReadOnlyList<KeyPickUp>> PickUps { get; set; } = (_, _) => [];

    /// <summary>Which domain's keys are issued at a time; the one of <see cref="Domain"/> unless set.</summary>
    public Func<DateTimeOffset, TestDomain>? DomainAt { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Paths.Add(request.RequestUri!.AbsolutePath);
        byte[] body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        Bodies.Add(System.Text.Encoding.UTF8.GetString(body));
        Agents.Add(request.Headers.UserAgent.ToString());
        Authorizations.Add(request.Headers.Authorization);
        AnnexDPaths.TryParse(request.RequestUri.AbsolutePath, out AnnexDTarget? target).ShouldBeTrue();
        Requests.Add((time.GetUtcNow(), target!));
        int number = Paths.Count;
        HttpResponseMessage response = Intercept(number) ?? Refuse(body, request.RequestUri) ?? Answer(request.RequestUri);
        if (LosesAnswer(number))
        {
            response.Dispose();
            throw new HttpRequestException(HttpRequestError.ConnectionError);
        }

        response.RequestMessage = request;
        response.Headers.Add("X-Correlation-Id", $"kms-{number}");
        return response;
    }

    public HttpResponseMessage Error(HttpStatusCode status, int code, string words, bool isSigned = true) =>
        Xml(new KmsResponse
        {
            UserUri = TestIdm.McpttId,
            KmsUri = Domain.Certificate.KmsUri,
            Time = time.GetUtcNow(),
            ClientReqUrl = Url,
            Error = new KmsErrorBody(code, words),
        }, status, isSigned);

    private HttpResponseMessage? Refuse(byte[] body, Uri url) =>
        Enrolment?.Refuse(body, url, time.GetUtcNow()) is { } code ? Error(HttpStatusCode.Forbidden, code, "not taken", isSigned: false) : null;

    private HttpResponseMessage Answer(Uri url)
    {
        AnnexDPaths.TryParse(url.AbsolutePath, out AnnexDTarget? target).ShouldBeTrue();
        if (Message(target!) is not { } message)
        {
            return Error(HttpStatusCode.NotFound, 40406, "not known");
        }

        return Xml(new KmsResponse
        {
            UserUri = AnswerUserUri,
            KmsUri = Domain.Certificate.KmsUri,
            Time = AnswerTime?.Invoke() ?? time.GetUtcNow(),
            ClientReqUrl = url.AbsoluteUri,
            Message = message,
            TransportKeyId = Enrolment?.Wrapping.Id,
        }, HttpStatusCode.OK, isSigned: true);
    }

    public Func<DateTimeOffset>? AnswerTime { get; set; }

    private KmsMessage? Message(AnnexDTarget target) => target.Operation switch
    {
        AnnexDOperation.Init => new KmsInit(BendCertificate(Domain.Certificate))
        {
            NextCertificates = Announced,
            MigrationServices = MigrationServices,
            NewTransportKeys = Enrolment?.NewTransportKeys() ?? [],
            NewIntegrityKeys = Enrolment?.NewIntegrityKeys() ?? [],
        },
        AnnexDOperation.KeyProv => KeyProv(target),
        AnnexDOperation.CertCache => new KmsCertCache(target.Argument == $"{CacheNumber}" ? [] : [.. Partners]) { CacheNumber = CacheNumber },
        AnnexDOperation.Cert => Partners.Exists(c => c.KmsUri == target.Argument)
            ? new KmsCertCache([.. Partners.Where(c => c.KmsUri == target.Argument)]) { CacheNumber = CacheNumber }
            : null,
        AnnexDOperation.Redirect => new KmsCertCache([.. Partners]) { CacheNumber = CacheNumber },
        _ => LookUp(target.Argument!) is { Count: > 0 } found ? new KmsLookup(target.Argument, found) : null,
    };

    private KmsKeyProv KeyProv(AnnexDTarget target)
    {
        DateTimeOffset at = target.Time is { } ntp ? NtpTimestamp.ToDateTimeOffset(ntp, time.GetUtcNow()) : time.GetUtcNow();
        TestDomain domain = DomainAt?.Invoke(at) ?? Domain;
        long period = domain.Certificate.PeriodAt(at).Number;
        IReadOnlyList<string> uris = target.Argument is { } uri ? [uri] : Identities;
        return new KmsKeyProv([.. uris.Select(u => Wrapped(BendKeySet?.Invoke(u, period) ?? domain.Issue(u, period)))])
        {
            NewTransportKeys = Enrolment?.NewTransportKeys() ?? [],
            NewIntegrityKeys = Enrolment?.NewIntegrityKeys() ?? [],
            PickUps = [.. uris.SelectMany(u => PickUps(u, period))],
        };
    }

    private KmsKeySet Wrapped(KmsKeySet keySet)
    {
        if (Enrolment is not { WrapsKeys: true } enrolment)
        {
            return keySet;
        }

        using (keySet)
        {
            return keySet.Wrap(enrolment.Wrapping, enrolment.Profile);
        }
    }

    private HttpResponseMessage Xml(KmsResponse content, HttpStatusCode status, bool isSigned)
    {
        using MemoryStream stream = new();
        using (content)
        {
            if (isSigned && Enrolment is { SignsAnswers: true } enrolment)
            {
                content.WriteSignedTo(stream, enrolment.Signing);
            }
            else
            {
                content.WriteTo(stream);
            }
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
