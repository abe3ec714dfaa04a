using System.Text.Json.Nodes;
using Watchword.Identity;
using Watchword.Lab;
using Watchword.McServices.Configuration;
using Watchword.McServices.Groups;
using Watchword.McServices.Info;

namespace Watchword.SystemTests.AuthorisationMatrix;

/// <summary>What a request to a configuration or group management server is about.</summary>
internal enum XcapTargetKind
{
    /// <summary>A user profile in the directory of its user (TS 24.484 8.3).</summary>
    Profile,

    /// <summary>A group by its identity (TS 24.481 7.2).</summary>
    GroupById,

    /// <summary>A group in the directory of its owner.</summary>
    GroupInDirectory,

    /// <summary>The keys of a group (TS 33.180 5.7).</summary>
    GroupKeys,
}

/// <summary>A request over HTTP to the configuration or the group management server.</summary>
internal sealed record XcapRow(string Name, XcapTargetKind Target, HttpMethod Method, bool ThroughProxy = false)
    : HttpRow(
        ThroughProxy ? "HTTP proxy" : Target == XcapTargetKind.Profile ? "Configuration management" : "Group management",
        Name,
        Target == XcapTargetKind.Profile ? McResource.ConfigurationManagement : McResource.GroupManagement,
        McService.Mcptt,
        ThroughProxy)
{
    /// <summary>The number of insufficient scope.</summary>
    private const string ScopeError = "40305";

    private static readonly ApplicationUsage Profiles = ApplicationUsage.Of(DocumentKind.UserProfile, McServiceKind.Mcptt);

    private bool IsGroup => Target != XcapTargetKind.Profile;

    /// <inheritdoc/>
    protected override string AssertedUri => LabServices.ProvisioningUri;

    /// <summary>A group of its own for every row.</summary>
    private string GroupName => $"{Target}-{Method}{(ThroughProxy ? "-proxy" : string.Empty)}".ToLowerInvariant();

    /// <inheritdoc/>
    protected override string? Documented(Credential kind) => kind switch
    {
        Credential.Right => Target == XcapTargetKind.GroupKeys && Method == HttpMethod.Post ? "204" : "200",
        // Entities have no keys of groups.
        Credential.RightAssertion when Target == XcapTargetKind.GroupKeys && Method == HttpMethod.Get => null,
        Credential.RightAssertion or Credential.WithinLeeway => Documented(Credential.Right),
        Credential.Absent => "403 40301",
        Credential.AssertedByUe => "403 40302",
        Credential.AssertedByOtherPeer => "403 40304",
        // An entity is no member, and its scope opens no keys.
        Credential.NetworkEntity => Target == XcapTargetKind.GroupKeys && Method == HttpMethod.Get ? "403 40305" : "403 40307",
        Credential.OtherUser when IsGroup && !WritesDirectory => "403 40309",
        Credential.OtherUser => "403 40306",
        // He is a user of this server still, by his identity in the other service, whose directory this is not.
        Credential.OtherMcService when WritesDirectory => "403 40306",
        Credential.OtherMcService or Credential.NoServiceId => "403 40305",
        _ when ScopesOf(kind) is not null => "403 40305",
        _ => FaultOf(kind) is { } fault ? $"401 {fault}" : null,
    };

    /// <inheritdoc/>
    public override bool Changes => Method != HttpMethod.Get;

    private bool WritesDirectory => Target == XcapTargetKind.GroupInDirectory && Method != HttpMethod.Get;

    /// <inheritdoc/>
    public override async Task PrepareAsync(MatrixLab lab, CancellationToken cancellation)
    {
        foreach (string user in (string[])[LabDomain.Dispatcher, LabDomain.Medic])
        {
            // A group is made in a directory, and found by its identity as well.
            string path = IsGroup ? "/" + ApplicationUsage.Groups.UserPath(IdOf(lab, user), GroupName) : PathOf(lab, user);
            await lab.WriteAsync(
                IsGroup ? "/gms" : "/cms", path, BodyOf(lab, user), IsGroup ? ApplicationUsage.Groups : Profiles, cancellation);
        }
    }

    /// <summary>The URL of the document that the credential is tried on, for UEs.</summary>
    public string UrlOf(MatrixLab lab, Credential kind) => Root(lab, asEntity: false) + Act(lab, kind).Path;

    /// <inheritdoc/>
    protected override HttpAct Act(MatrixLab lab, Credential kind)
    {
        string user = kind == Credential.OtherUser ? LabDomain.Medic : LabDomain.Dispatcher;
        string path = PathOf(lab, user);
        return Method == HttpMethod.Put
            ? new HttpAct(Method, path, BodyOf(lab, user), (IsGroup ? ApplicationUsage.Groups : Profiles).MediaType)
            : new HttpAct(Method, path);
    }

    /// <inheritdoc/>
    protected override string Root(MatrixLab lab, bool asEntity) =>
        (asEntity ? lab.Ports.ServicesEntitiesUrl : lab.Ports.ServicesUrl) + (IsGroup ? "/gms" : "/cms");

    /// <inheritdoc/>
    protected override (string Code, string? CorrelationId) ReadError(string body) => ReadProblem(body);

    /// <inheritdoc/>
    protected override bool IsForScope(string code) => code == ScopeError;

    /// <summary>Number and correlation id of a problem (RFC 9457).</summary>
    public static (string Code, string? CorrelationId) ReadProblem(string body)
    {
        JsonNode problem = JsonNode.Parse(body)!;
        return (problem["code"]!.GetValue<int>().ToString(null, null), problem["correlationId"]?.GetValue<string>());
    }

    private static string IdOf(MatrixLab lab, string user) => lab.Description.Users[user].McpttId!;

    private string GroupUri(string owner) => $"sip:{GroupName}-of-{owner}@{LabDomain.IdentityDomain}";

    private string PathOf(MatrixLab lab, string user) => "/" + Target switch
    {
        XcapTargetKind.Profile => Profiles.UserPath(IdOf(lab, user), Profiles.ProfileName(1)),
        XcapTargetKind.GroupById => ApplicationUsage.Groups.GlobalPath(ApplicationUsage.ByGroupId, GroupUri(user)),
        XcapTargetKind.GroupInDirectory => ApplicationUsage.Groups.UserPath(IdOf(lab, user), GroupName),
        _ => "group-keys/" + Uri.EscapeDataString(GroupUri(user)),
    };

    private byte[] BodyOf(MatrixLab lab, string user) => IsGroup
        ? new GroupDocument
        {
            Uri = GroupUri(user),
            Owner = IdOf(lab, user),
            Members = [new GroupMember(IdOf(lab, user))],
            SupportedServices = [GroupService.Of(McServiceNames.Mcptt)],
        }.Write()
        : new UserProfile { Service = McServiceNames.Mcptt, XuiUri = IdOf(lab, user), Index = 1 }.Write();
}
