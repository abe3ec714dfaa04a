using Watchword.ResourceServers.Work;

namespace Watchword.ResourceServers.Mcx.Affiliations;

/// <summary>Wakes <see cref="AffiliationWork"/> when a client was authorised.</summary>
internal sealed class AffiliationSignal : WorkSignal;
