namespace Watchword.Client;

/// <summary>How to reach a KMS.</summary>
public sealed record KmClientOptions
{
    /// <summary>The https URL under which <c>/keymanagement/identity/v1</c> is (TS 33.180 D.2.1), without it.</summary>
    public required string KmsUrl { get; init; }

    /// <summary>
    /// The home HTTP proxy that requests go through; null to connect to the KMS. Requests keep the URL of the KMS. Only for clients
    /// over their own connections: a handler that is given has its own, by <see cref="TlsTrust.CreateHandler(HomeHttpProxy)"/>.
    /// </summary>
    public HomeHttpProxy? HttpProxy { get; init; }

    /// <summary>
    /// The KMS URI expected; null to take that of the first initialisation, which the profile is then bound to.
    /// </summary>
    public string? KmsUri { get; init; }

    /// <summary>True to post no body: KMSs of other makers may want none. A <c>KmsRequest</c> unless set (D.2.2).</summary>
    public bool SendEmptyBody { get; init; }

    /// <summary>The <c>ClientId</c> of requests: names this software to the operator; null for none.</summary>
    public string? ClientId { get; init; } = "watchword";

    /// <summary>The <c>DeviceId</c> of requests; null for none.</summary>
    public string? DeviceId { get; init; }

    /// <summary>
    /// True to bear with peers of other releases: their answers are read more leniently and need not echo the URL; keys and
    /// identities are checked all the same.
    /// </summary>
    public bool Lenient { get; init; }

    /// <summary>Longest answer in octets; 1 MiB unless set.</summary>
    public int MaxAnswerOctets { get; init; } = 1 << 20;

    /// <summary>How long one request may take; 30 seconds unless set.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a request is sent at most when the network fails or the KMS is busy (429, 503); 4 unless set.</summary>
    public int MaxAttempts { get; init; } = 4;

    /// <summary>
    /// Longest first wait before a repetition; doubles each time; 1 second unless set. The wait itself is random up to that.
    /// </summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Longest wait, also where the KMS asks for one by <c>Retry-After</c>: beyond it the call ends; 60 seconds unless set.
    /// </summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How far the time of a signed answer may be from the span between request and receipt; 60 seconds unless set.
    /// </summary>
    public TimeSpan AnswerTimeSkew { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// True to tell the KMS in each request which of its certificates are held (<c>w:HeldCertificates</c>), so that it can begin
    /// to use a new
    /// one when its clients have it. An extension: false for KMSs that take no foreign elements.
    /// </summary>
    public bool SendHeldCertificates { get; init; } = true;

    /// <summary>
    /// True if a changed certificate cache is taken for the whole list of partners, so that one that is missing is a partner no
    /// more; false
    /// for KMSs that send only what is newer.
    /// </summary>
    public bool CertificateCacheIsComplete { get; init; } = true;
}
