using Watchword.ResourceServers.Work;

namespace Watchword.ResourceServers.Xcap;

/// <summary>Wakes whoever follows changes of documents, on this node.</summary>
internal sealed class XcapChangeSignal : WorkSignal;
