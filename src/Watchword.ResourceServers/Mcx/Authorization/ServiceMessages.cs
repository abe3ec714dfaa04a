using Watchword.McServices.Info;
using Watchword.ResourceServers.Mcx.Bodies;

namespace Watchword.ResourceServers.Mcx.Authorization;

/// <summary>A third-party REGISTER, what it says (TS 24.379 7.3.2).</summary>
/// <param name="Impu">The public user identity: its To.</param>
/// <param name="CallId">Its Call-ID.</param>
/// <param name="Sequence">The number of its CSeq.</param>
/// <param name="Expires">Seconds; 0 ends the registration, null says nothing.</param>
internal sealed record ServiceRegistration(string Impu, string CallId, uint Sequence, uint? Expires)
{
    /// <summary>The client's own REGISTER within it; null if the SIP core put none in.</summary>
    public ClientRegistration? Client { get; init; }

    /// <summary>The type's name: identities are not for logs.</summary>
    public override string ToString() => nameof(ServiceRegistration);
}

/// <summary>The client's REGISTER, as the SIP core put it into its own.</summary>
/// <param name="Services">The services whose feature tags its Contact has.</param>
/// <param name="Instance">The instance of the device, empty where nothing says so.</param>
/// <param name="Bodies">Its bodies.</param>
internal sealed record ClientRegistration(
    IReadOnlyCollection<McServiceKind> Services, string Instance, IReadOnlyList<ServiceBody> Bodies)
{
    /// <summary>The type's name.</summary>
    public override string ToString() => nameof(ClientRegistration);
}

/// <summary>A PUBLISH of <c>poc-settings</c>, what it says (TS 24.379 7.3.3 to 7.3.5).</summary>
/// <param name="Service">The service.</param>
/// <param name="Impu">The public user identity: its P-Asserted-Identity.</param>
/// <param name="Expires">Seconds; 0 ends the publication, null says nothing.</param>
/// <param name="IfMatch">The entity tag that it is about; null for a new publication.</param>
/// <param name="Bodies">Its bodies; none in a refresh.</param>
internal sealed record ServicePublication(
    McServiceNames Service, string Impu, uint? Expires, string? IfMatch, IReadOnlyList<ServiceBody> Bodies)
{
    /// <summary>The type's name.</summary>
    public override string ToString() => nameof(ServicePublication);
}
