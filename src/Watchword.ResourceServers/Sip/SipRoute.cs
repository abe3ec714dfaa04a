using Watchword.Sip;

namespace Watchword.ResourceServers.Sip;

/// <summary>What one role of this process does with requests of a method.</summary>
/// <param name="Method">The method.</param>
/// <param name="EventPackage">The event package, of PUBLISH and SUBSCRIBE; null for any request of the method.</param>
/// <param name="Handler">Answers them.</param>
internal sealed record SipRoute(string Method, string? EventPackage, SipRequestHandler Handler);

/// <summary>Gives the routes of one role, when the stack is made.</summary>
internal delegate IReadOnlyList<SipRoute> SipRouteSource();
