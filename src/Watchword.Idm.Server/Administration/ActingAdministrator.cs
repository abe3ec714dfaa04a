namespace Watchword.Idm.Server.Administration;

/// <summary>
/// Who does what is done in this request, for the log: the <c>sub</c> of the administrator, set by
/// <see cref="AdministratorGuard"/>,
/// or <see cref="Local"/> where nobody came over the network (initialisation, the bootstrap, a lab). Scoped.
/// </summary>
public sealed class ActingAdministrator
{
    /// <summary>Initialisation, the bootstrap, or a lab.</summary>
    public const string Local = "local";

    /// <summary>The <c>sub</c>, or <see cref="Local"/>.</summary>
    public string Subject { get; internal set; } = Local;
}
