using Watchword.KeyManagement;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Profiles;

/// <summary>What the KMS bears with of a client and how it answers it. What is null is as the domain has it.</summary>
/// <remarks>Nothing here is security: whoever can send a request can also send the marks by which a profile is chosen.</remarks>
internal sealed record ClientProfile(ClientProfileKind Kind)
{
    /// <summary>Patterns of User-Agent by which the client is known.</summary>
    public IReadOnlyList<string> UserAgents { get; init; } = [];

    /// <summary>False if a request must have a body (Q1).</summary>
    public bool AcceptsEmptyBody { get; init; } = true;

    /// <summary>True if KmsUri may be one of the aliases of the domain (Q2).</summary>
    public bool AcceptsAliases { get; init; } = true;

    /// <summary>True if KmsUri may be a public URL of the server (Q2).</summary>
    public bool AcceptsServerUrl { get; init; }

    /// <summary>True if a time without zone may be local time (Q3).</summary>
    public bool AcceptsLocalTime { get; init; }

    /// <summary>The media type of answers (Q4).</summary>
    public AnswerMedia MediaType { get; init; }

    /// <summary>The key sets of an answer without URI in the request (Q6).</summary>
    public KeySetOrder KeySets { get; init; }

    /// <summary>How UserID is spelt (Q8).</summary>
    public UserIdEncoding? UserIdEncoding { get; init; }

    /// <summary>How keys are wrapped (Q9); what a client was enrolled with goes before.</summary>
    public KeyWrapProfile? WrapProfile { get; init; }

    /// <summary>Status of the answer to a request without token (Q11).</summary>
    public int MissingTokenStatus { get; init; } = StatusCodes.Status403Forbidden;

    /// <summary>True if elements are matched by local name in any namespace (Q18).</summary>
    public bool AcceptsAnyNamespace { get; init; }

    /// <summary>The namespace of answers (Q18).</summary>
    public string? Namespace { get; init; }

    /// <summary>What an unrecognised client gets under <see cref="ClientProfileKind.Auto"/>.</summary>
    public static ClientProfile Auto { get; } = new(ClientProfileKind.Auto);

    /// <summary>The text of the standard.</summary>
    public static ClientProfile Strict { get; } =
        new(ClientProfileKind.Strict) { AcceptsEmptyBody = false, AcceptsAliases = false };

    /// <summary>Streamwide's client as it is known.</summary>
    public static ClientProfile Streamwide { get; } = new(ClientProfileKind.Streamwide)
    {
        UserAgents = ["*streamwide*"],
        AcceptsServerUrl = true,
        AcceptsLocalTime = true,
        MediaType = AnswerMedia.ApplicationXml,
        KeySets = KeySetOrder.McpttLast,
        UserIdEncoding = KeyManagement.UserIdEncoding.Hexadecimal,
        AcceptsAnyNamespace = true,
    };

    /// <summary>Kapsch's client of 2018 as it is known.</summary>
    public static ClientProfile Kapsch2018 { get; } = new(ClientProfileKind.Kapsch2018)
    {
        UserAgents = ["*kapsch*"],
        MediaType = AnswerMedia.TextXml,
        KeySets = KeySetOrder.McpttFirst,
        UserIdEncoding = KeyManagement.UserIdEncoding.Hexadecimal,
        WrapProfile = KeyWrapProfile.KwpAsKw,
        MissingTokenStatus = StatusCodes.Status401Unauthorized,
        AcceptsAnyNamespace = true,
    };

    /// <summary>The profile with what an operator changed.</summary>
    public ClientProfile With(ProfileChanges changes) => this with
    {
        UserAgents = changes.UserAgents.Count > 0 ? changes.UserAgents : UserAgents,
        MediaType = changes.MediaType ?? MediaType,
        KeySets = changes.KeySets ?? KeySets,
        UserIdEncoding = changes.UserIdEncoding ?? UserIdEncoding,
        WrapProfile = changes.WrapProfile ?? WrapProfile,
        MissingTokenStatus = changes.MissingTokenStatus ?? MissingTokenStatus,
        AcceptsLocalTime = changes.LenientLocalTime ?? AcceptsLocalTime,
        Namespace = changes.Namespace ?? Namespace,
    };
}
