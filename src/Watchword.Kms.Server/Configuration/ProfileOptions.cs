using Watchword.KeyManagement;

namespace Watchword.Kms.Server.Configuration;

/// <summary>How the KMS bears with clients that differ from TS 33.180; <c>docs/profiles.md</c> has the table.</summary>
public enum ClientProfileKind
{
    /// <summary>Recognises the client by what it sends; of one that is not recognised nothing is borne but an absent body and
    /// the configured aliases.</summary>
    Auto = 0,

    /// <summary>The text of the standard and nothing else.</summary>
    Strict = 1,

    /// <summary>The C++ client of Streamwide: server URL for KMS URI, local time, takes the last key set.</summary>
    Streamwide = 2,

    /// <summary>The Java client of Kapsch of 2018: text/xml, takes the first key set, other namespace and key wrap.</summary>
    Kapsch2018 = 3,
}

/// <summary>Which key sets go into an answer to keyprov without a URI, and in which order.</summary>
public enum KeySetOrder
{
    /// <summary>All: MCPTT, MCVideo, MCData. For a client that takes the first one only.</summary>
    McpttFirst = 0,

    /// <summary>All: MCData, MCVideo, MCPTT. For a client that takes the last one only.</summary>
    McpttLast = 1,

    /// <summary>Only that of the first identity: MCPTT if it is among them.</summary>
    FirstOnly = 2,
}

/// <summary>The media type of answers.</summary>
public enum AnswerMedia
{
    /// <summary>As the client's <c>Accept</c> prefers, else <c>application/xml</c>.</summary>
    Negotiated = 0,

    /// <summary><c>application/xml</c>.</summary>
    ApplicationXml = 1,

    /// <summary><c>text/xml</c>.</summary>
    TextXml = 2,
}

/// <summary>The section <c>Kms:Profiles</c>: which client is served under which profile.</summary>
public sealed class ProfileOptions
{
    /// <summary>The profile of clients of whom nothing else is said, in domains without one of their own.</summary>
    public ClientProfileKind Default { get; set; }

    /// <summary>Clients by name; the first entry that fits counts.</summary>
    public List<ProfileClientOptions> Clients { get; set; } = [];

    /// <summary>Clients by the address that they connect from; the narrowest network counts.</summary>
    public List<ProfileNetworkOptions> Networks { get; set; } = [];

    /// <summary>What is otherwise with Streamwide's client of this installation.</summary>
    public ProfileChanges Streamwide { get; set; } = new();

    /// <summary>What is otherwise with Kapsch's client of this installation.</summary>
    public ProfileChanges Kapsch2018 { get; set; } = new();
}

/// <summary>An entry of <c>Kms:Profiles:Clients</c>. All conditions that it has must hold; in each, <c>*</c> stands for any
/// characters and <c>?</c> for one.</summary>
public sealed class ProfileClientOptions
{
    /// <summary><c>client_id</c> of the access token.</summary>
    public string? TokenClientId { get; set; }

    /// <summary>An identity of the requester.</summary>
    public string? Identity { get; set; }

    /// <summary><c>ClientId</c> of the request: a claim of the client.</summary>
    public string? ClientId { get; set; }

    /// <summary>The profile; has no default.</summary>
    public ClientProfileKind? Profile { get; set; }
}

/// <summary>An entry of <c>Kms:Profiles:Networks</c>.</summary>
public sealed class ProfileNetworkOptions
{
    /// <summary>Address and prefix length, <c>10.7.0.0/16</c> or <c>2001:db8::/32</c>.</summary>
    public string Network { get; set; } = string.Empty;

    /// <summary>The profile; has no default.</summary>
    public ClientProfileKind? Profile { get; set; }
}

/// <summary>Changes to a profile; what is null is as in <c>docs/profiles.md</c>.</summary>
public sealed class ProfileChanges
{
    /// <summary>Patterns of <c>User-Agent</c> by which <c>Auto</c> knows the client; letters of either case are equal.</summary>
    public List<string> UserAgents { get; set; } = [];

    /// <summary>The media type of answers.</summary>
    public AnswerMedia? MediaType { get; set; }

    /// <summary>Key sets of an answer without a URI in the request.</summary>
    public KeySetOrder? KeySets { get; set; }

    /// <summary>How UserID is spelt.</summary>
    public UserIdEncoding? UserIdEncoding { get; set; }

    /// <summary>How keys are wrapped for clients that have no profile of wrapping of their own.</summary>
    public KeyWrapProfile? WrapProfile { get; set; }

    /// <summary>Status of the answer to a request without access token, 401 or 403.</summary>
    public int? MissingTokenStatus { get; set; }

    /// <summary>Whether a time without zone may be local time.</summary>
    public bool? LenientLocalTime { get; set; }

    /// <summary>The namespace of answers.</summary>
    public string? Namespace { get; set; }
}
