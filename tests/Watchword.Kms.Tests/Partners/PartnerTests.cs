using Microsoft.Extensions.Time.Testing;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Tests.Support;

namespace Watchword.Kms.Tests.Partners;

/// <summary>A store with one domain and officers, and certificates of other domains.</summary>
public abstract class PartnerTests : IAsyncLifetime
{
    protected const string Home = "kms.x.example";
    protected const string Other = "kms.other.example";
    protected const string Correlation = "c0ffee";
    private readonly EphemeralCustody _custody = new();
    private readonly TemporaryStore _files = new();
    private readonly List<KmsStore> _nodes = [];

    protected static Authority Importer { get; } = new("https://idm.x.example", "importer", "crypto-officer");

    protected static Authority Approver { get; } = new("https://idm.x.example", "approver", "crypto-officer");

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    protected KmsStore Store { get; private set; } = null!;

    protected PartnerDirectory Directory { get; private set; } = null!;

    protected PartnerCertificates Certificates { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Store = await _files.OpenAsync(Time);
        Directory = new PartnerDirectory(Store, new PartnerPolicy(), Time);
        Certificates = new PartnerCertificates(Store, Time);
        await CreateDomainAsync(Home, "x.example", "tel:+4930");
    }

    public ValueTask DisposeAsync()
    {
        _custody.Dispose();
        _nodes.ForEach(node => node.Dispose());
        Store.Dispose();
        _files.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected Task<DomainRecord> CreateDomainAsync(string kmsUri, params string[] domains) => SecurityDomain.CreateAsync(
        new DomainDescription(kmsUri, new KeyPeriodSchedule(3600, 0)) { Domains = domains }, Store, _custody, Time, Token);

    /// <summary>A domain of the store with its master secrets; the caller disposes it.</summary>
    protected async Task<SecurityDomain> OpenDomainAsync(string kmsUri) =>
        await SecurityDomain.OpenAsync(await Store.FindGenerationsAsync(kmsUri, Token), _custody, Token);

    /// <summary>Another node on the same store, which has seen nothing yet.</summary>
    protected async Task<PartnerCertificates> OtherNodeAsync()
    {
        _nodes.Add(await _files.OpenAsync(Time));
        return new PartnerCertificates(_nodes[^1], Time);
    }

    /// <summary>The certificate of a domain elsewhere, with keys of its own.</summary>
    protected static byte[] Certificate(
        string kmsUri = Other, DateTimeOffset? validFrom = null, DateTimeOffset? validTo = null, bool revoked = false,
        KmsCertificateRole role = KmsCertificateRole.Root, params string[] domains)
    {
        using MasterSecrets secrets = MasterSecrets.Generate();
        using MemoryStream document = new();
        new KmsCertificate
        {
            Role = role,
            KmsUri = kmsUri,
            ValidFrom = validFrom,
            ValidTo = validTo,
            Revoked = revoked,
            Schedule = new KeyPeriodSchedule(3600, 0),
            PublicEncryptionKey = secrets.Sakke.PublicKey,
            PublicAuthenticationKey = secrets.Eccsi.PublicKey,
            Domains = domains.Length == 0 ? ["other.example"] : domains,
        }.WriteTo(document);
        return document.ToArray();
    }

    protected static string FingerprintOf(PartnerRecord record) =>
        PartnerFingerprint.Of(record)!.Hex;

    protected Task<PartnerRecord> ImportAsync(byte[] certificate, PartnerKind kind = PartnerKind.External) =>
        Directory.ImportAsync(Importer, Home, new PartnerImport(certificate, kind), Correlation, Token);

    protected async Task<PartnerRecord> ApproveAsync(PartnerRecord record)
    {
        await Directory.ApproveAsync(Approver, Home, record.Id, FingerprintOf(record), Correlation, Token);
        return record;
    }

    protected async Task<PartnerRecord> ApprovedAsync(byte[] certificate, PartnerKind kind = PartnerKind.External) =>
        await ApproveAsync(await ImportAsync(certificate, kind));

    protected Task<PartnerRecord> ReplaceAsync(PartnerRecord old, byte[] certificate) =>
        Directory.ReplaceAsync(Importer, Home, old.Id, certificate, Correlation, Token);

    protected Task RevokeAsync(PartnerRecord record) =>
        Directory.RevokeAsync(Importer, Home, record.Id, "because", Correlation, Token);

    protected async Task<long> NumberAsync() => (await Certificates.SinceAsync(Home, null, Token)).Number;

    /// <summary>The list for a client that has none.</summary>
    protected async Task<IReadOnlyList<KmsCertificate>> ListAsync() => AllOf(await Certificates.SinceAsync(Home, null, Token));

    protected static IReadOnlyList<KmsCertificate> AllOf(PartnerAnswer answer) => [.. answer.Current, .. answer.Next];

    protected static string Keys(KmsCertificate certificate) => Convert.ToHexString(certificate.PublicAuthenticationKey.Export());

    protected static string Keys(byte[] certificate) => Keys(KmsCertificate.Parse(certificate));

    protected async Task<List<AuditRecord>> AuditAsync() => await Store.ReadAuditAsync(Token).ToListAsync(Token);

    protected static async Task<KmsError> ErrorOf(Task task) => (await Should.ThrowAsync<KmsException>(task)).Error;
}
