using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Settings;

/// <summary>The settings of one client (RFC 4354 §4, TS 24.379 7.4.1.2).</summary>
public sealed record PocSettingsEntity
{
    private const string AnswerModeSettings = "am-settings";
    private const string AnswerModeElement = "answer-mode";
    private const string SelectedProfile = "selected-user-profile-index";
    private const string ProfileIndex = "user-profile-index";
    private const string Multiplex = "multiplex-support";

    /// <summary>The instance ID of the client, commonly <c>urn:uuid:...</c>.</summary>
    public required string Id { get; init; }

    /// <summary>How calls are answered; null where nothing is said, and for MCData.</summary>
    public AnswerMode? AnswerMode { get; init; }

    /// <summary>The index of the user profile that the user chose, 0 to 255; null for the one that is pre-selected.</summary>
    public int? SelectedUserProfileIndex { get; init; }

    /// <summary>Whether the client can multiplex media streams (TS 24.379 7.4.1.2); null where nothing is said.</summary>
    public bool? MultiplexSupport { get; init; }

    /// <summary>Elements without a property, such as incoming session barring.</summary>
    public IReadOnlyList<ForeignElement> Others { get; init; } = [];

    internal static PocSettingsEntity Read(XmlElement element)
    {
        XmlElement? answering = OpenElement.Child(element, AnswerModeSettings);
        XmlElement? selected = OpenElement.Child(element, SelectedProfile, PocSettings.ExtensionNamespace);
        return new PocSettingsEntity
        {
            Id = OpenElement.RequiredUriAttribute(element, "id"),
            AnswerMode = OpenElement.ChildText(answering, AnswerModeElement) switch
            {
                null => null,
                "automatic" => Settings.AnswerMode.Automatic,
                "manual" => Settings.AnswerMode.Manual,
                _ => throw OpenElement.Unexpected(AnswerModeElement),
            },
            SelectedUserProfileIndex = OpenElement.ChildNumber(selected, ProfileIndex, byte.MaxValue),
            MultiplexSupport = OpenElement.Boolean(OpenElement.Child(element, Multiplex, PocSettings.ExtensionNamespace)),
            Others = OpenElement.Others(element,
                new(AnswerModeSettings, PocSettings.Namespace),
                new(SelectedProfile, PocSettings.ExtensionNamespace),
                new(Multiplex, PocSettings.ExtensionNamespace)),
        };
    }

    // RFC 4354 has isb-settings before am-settings and the rest behind; extensions come last.
    internal void Write(DocumentWriter writer)
    {
        writer.Attribute("id", Id);
        writer.Foreign(Others.Where(IsBarring));
        if (AnswerMode is { } mode)
        {
            writer.Element(AnswerModeSettings, () =>
                writer.Text(AnswerModeElement, mode == Settings.AnswerMode.Automatic ? "automatic" : "manual"));
        }

        writer.Foreign(Others.Where(other => !IsBarring(other) && other.Name.Namespace == PocSettings.Namespace));
        if (SelectedUserProfileIndex is { } index)
        {
            writer.Element(SelectedProfile, () => writer.Number(ProfileIndex, index, PocSettings.ExtensionNamespace),
                PocSettings.ExtensionNamespace);
        }

        writer.Boolean(Multiplex, MultiplexSupport, PocSettings.ExtensionNamespace);
        writer.Foreign(Others.Where(other => other.Name.Namespace != PocSettings.Namespace));
    }

    private static bool IsBarring(ForeignElement element) =>
        element.Name == new XmlQualifiedName("isb-settings", PocSettings.Namespace);
}
