using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Settings;

/// <summary>Whether a client takes a call by itself (RFC 4354 §4). The numbers are stable.</summary>
public enum AnswerMode
{
    /// <summary>Calls are taken without asking the user.</summary>
    Automatic = 0,

    /// <summary>The user is asked.</summary>
    Manual = 1,
}

/// <summary>
/// The settings that a client publishes (RFC 4354; TS 24.379 7.4.1.2, and likewise for MCVideo and MCData): a document of one
/// entity for each client, with 3GPP's additions.
/// </summary>
public sealed record PocSettings
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/poc-settings+xml";

    /// <summary>The event package of PUBLISH and SUBSCRIBE (RFC 4354 §3).</summary>
    public const string EventPackage = "poc-settings";

    /// <summary>The namespace of RFC 4354.</summary>
    public const string Namespace = "urn:oma:params:xml:ns:poc:poc-settings";

    /// <summary>The namespace of 3GPP's additions.</summary>
    public const string ExtensionNamespace = "urn:3gpp:mcsSettings:1.0";

    private const string Root = "poc-settings";
    private const string Entity = "entity";

    /// <summary>The settings of each client; at least one.</summary>
    public required IReadOnlyList<PocSettingsEntity> Entities { get; init; }

    /// <summary>Elements without a property.</summary>
    public IReadOnlyList<ForeignElement> Others { get; init; } = [];

    /// <summary>Reads settings.</summary>
    /// <param name="document">The body.</param>
    /// <param name="limits">Limits; null for the defaults.</param>
    /// <exception cref="McServicesFormatException">
    /// Not XML, past a limit, another document, no entity, two of one client, or a value of another form.
    /// </exception>
    public static PocSettings Parse(ReadOnlyMemory<byte> document, XmlLimits? limits = null)
    {
        XmlElement root = OpenElement.Root(document, limits ?? XmlLimits.Default, Root, Namespace);
        List<PocSettingsEntity> entities = [.. OpenElement.Children(root, Entity).Select(PocSettingsEntity.Read)];
        if (entities.Count == 0)
        {
            throw OpenElement.Missing(Entity);
        }

        return entities.Select(entity => entity.Id).Distinct(StringComparer.Ordinal).Count() == entities.Count
            ? new PocSettings { Entities = entities, Others = OpenElement.Others(root, new XmlQualifiedName(Entity, Namespace)) }
            : throw new McServicesFormatException(Entity, McServicesFormatFault.DuplicateElement);
    }

    /// <summary>The document as UTF-8, elements in the order of the schema.</summary>
    /// <exception cref="ArgumentException">No entity, or a value with characters that XML has not.</exception>
    public byte[] Write()
    {
        if (Entities.Count == 0)
        {
            throw new ArgumentException("Settings have at least one entity.");
        }

        using DocumentWriter writer = new(Root, Namespace, ("mcs10Set", ExtensionNamespace));
        foreach (PocSettingsEntity entity in Entities)
        {
            writer.Element(Entity, () => entity.Write(writer));
        }

        writer.Foreign(Others);
        return writer.Finish();
    }
}
