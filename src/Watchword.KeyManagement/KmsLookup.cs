using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>
/// The answer to KMS Discovery Lookup (TS 33.180 D.2.7, D.3.1): which KMSs serve a user or group. The text names the message and not its
/// content: what is here is reconstructed, minimal, and passes over every element that it does not know.
/// </summary>
public sealed class KmsLookup : KmsMessage
{
    private static readonly ElementSet Content = ElementSet.Open("UserUri*", "KmsUri*", "KmsCertificate*", "w:Kms*");

    /// <summary>Makes the message.</summary>
    /// <param name="userUri">The user or group looked up.</param>
    /// <param name="services">The KMSs that serve it, the preferred one first; may be empty.</param>
    public KmsLookup(string? userUri, IReadOnlyList<KmsReference> services)
    {
        UserUri = userUri;
        Services = services;
    }

    /// <summary>The user or group looked up; null if the answer does not repeat it.</summary>
    public string? UserUri { get; }

    /// <summary>The KMSs that serve it, each once, the preferred one first.</summary>
    public IReadOnlyList<KmsReference> Services { get; }

    /// <summary>Certificates of these KMSs, as far as the KMS sends them along.</summary>
    public IReadOnlyList<KmsCertificate> Certificates { get; init; } = [];

    internal static KmsLookup ReadContent(AnnexDReader reader)
    {
        reader.CheckVersion();
        string? userUri = null;
        List<KmsReference> services = [];
        List<KmsCertificate> certificates = [];
        ElementCursor child = new(reader, Content);
        while (child.MoveNext())
        {
            switch (child.Current)
            {
                case "UserUri": string uri = reader.ReadUri(); userUri ??= uri; break;
                case "KmsUri": Add(services, new KmsReference(reader.ReadUri(), KmsRelation.Unknown)); break;
                case "KmsCertificate": certificates.Add(KmsCertificate.Read(reader)); break;
                default: Add(services, KmsReference.Read(reader)); break;
            }
        }

        return new KmsLookup(userUri, services) { Certificates = certificates };
    }

    internal override void Write(AnnexDWriter writer)
    {
        writer.Start("KmsLookup", AnnexDNames.ResponseVersion);
        writer.OptionalText("UserUri", UserUri);
        foreach (KmsReference service in Services)
        {
            writer.Text("KmsUri", service.KmsUri);
        }

        foreach (KmsCertificate certificate in Certificates)
        {
            certificate.Write(writer);
        }

        foreach (KmsReference service in Services.Where(s => s.Relation != KmsRelation.Unknown || s.Address is not null))
        {
            service.Write(writer, "Kms", withRelation: true);
        }

        writer.End();
    }

    /// <summary>A KMS stands there as a bare URI for everybody, and once more with what our extension says of it.</summary>
    private static void Add(List<KmsReference> services, KmsReference service)
    {
        int at = services.FindIndex(s => string.Equals(s.KmsUri, service.KmsUri, StringComparison.Ordinal));
        if (at < 0)
        {
            services.Add(service);
        }
        else if (services[at] is { Relation: KmsRelation.Unknown, Address: null })
        {
            services[at] = service;
        }
    }
}
