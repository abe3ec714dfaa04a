using Watchword.Idm.Server.InterDomain;

namespace Watchword.Idm.Server;

/// <summary>
/// Event ids 3000 to 3999, never reused. No method takes a token, a code, a password, a user name or an MC service ID; accounts
/// are named by their subject, which is a random number.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Information, "Generation {Number} of the signing keys was made; it signs from {ActivatesAt}.")]
    public static partial void SigningKeysMade(ILogger logger, int number, DateTimeOffset activatesAt);

    [LoggerMessage(3001, LogLevel.Information, "Generation {Number} of the signing keys was removed.")]
    public static partial void SigningKeysRemoved(ILogger logger, int number);

    [LoggerMessage(3002, LogLevel.Information, "The data directory was initialised (lab data: {IsLab}).")]
    public static partial void Initialized(ILogger logger, bool isLab);

    [LoggerMessage(3003, LogLevel.Information, "The IdM server speaks as {Issuer}.")]
    public static partial void Started(ILogger logger, string issuer);

    [LoggerMessage(3004, LogLevel.Information, "Maintenance removed {Tokens} tokens, {Authorizations} grants, {Assertions} assertions.")]
    public static partial void Maintained(ILogger logger, long tokens, long authorizations, int assertions);

    [LoggerMessage(3005, LogLevel.Error, "Maintenance failed; it is tried again in an hour.")]
    public static partial void MaintenanceFailed(ILogger logger, Exception exception);

    [LoggerMessage(3100, LogLevel.Information, "Log-in of {Subject} at client {ClientId}.")]
    public static partial void LoggedIn(ILogger logger, string subject, string clientId);

    [LoggerMessage(3101, LogLevel.Warning, "Log-in refused at client {ClientId}: {Reason}.")]
    public static partial void LogInRefused(ILogger logger, string clientId, LogInRefusal reason);

    [LoggerMessage(3103, LogLevel.Warning, "A log-in form came without a valid antiforgery token.")]
    public static partial void AntiforgeryFailed(ILogger logger);

    [LoggerMessage(3200, LogLevel.Information, "Token for {Subject} at client {ClientId}: {Scopes} scopes, {Audiences} audiences.")]
    public static partial void TokenIssued(ILogger logger, string subject, string clientId, int scopes, int audiences);

    [LoggerMessage(3201, LogLevel.Warning, "Refresh refused: account {Subject} is disabled; its tokens were revoked.")]
    public static partial void RefreshOfDisabledAccount(ILogger logger, string subject);

    [LoggerMessage(3202, LogLevel.Warning, "Two requests redeemed one refresh token; {Count} tokens of the grant were revoked.")]
    public static partial void ConcurrentReuse(ILogger logger, long count);

    [LoggerMessage(3203, LogLevel.Warning, "Client {ClientId} was refused: {Reason}.")]
    public static partial void EntityRefused(ILogger logger, string clientId, EntityRefusal reason);

    [LoggerMessage(3204, LogLevel.Warning, "Client {ClientId} uses the compatibility option {Option}.")]
    public static partial void CompatibilityUsed(ILogger logger, string? clientId, string option);

    [LoggerMessage(3205, LogLevel.Information, "Security token for {Subject} at client {ClientId} for partner {Partner}: {Services} services.")]
    public static partial void SecurityTokenIssued(ILogger logger, string subject, string clientId, string partner, int services);

    [LoggerMessage(3206, LogLevel.Warning, "Token exchange refused at client {ClientId}: {Reason}.")]
    public static partial void ExchangeRefused(ILogger logger, string clientId, ExchangeRefusal reason);

    [LoggerMessage(3207, LogLevel.Warning, "Security token of {Issuer} refused at client {ClientId}: {Reason}.")]
    public static partial void SecurityTokenRefused(ILogger logger, string issuer, string clientId, SecurityTokenRefusal reason);

    [LoggerMessage(3208, LogLevel.Error, "The keys of primary IdM server {Issuer} cannot be had ({Cause}).")]
    public static partial void PrimaryKeysUnavailable(ILogger logger, string issuer, string cause);

    [LoggerMessage(3300, LogLevel.Information, "The first administrator was made: {Subject}.")]
    public static partial void Bootstrapped(ILogger logger, string subject);

    [LoggerMessage(3301, LogLevel.Warning, "A wrong, used or expired one-time code was presented.")]
    public static partial void BootstrapRefused(ILogger logger);

    [LoggerMessage(3302, LogLevel.Information, "Account {Subject} was made by {Administrator}.")]
    public static partial void AccountMade(ILogger logger, string subject, string administrator);

    [LoggerMessage(3303, LogLevel.Information, "Account {Subject} was disabled by {Administrator}; {Count} tokens were revoked.")]
    public static partial void AccountDisabled(ILogger logger, string subject, string administrator, long count);

    [LoggerMessage(3304, LogLevel.Information, "Account {Subject} was enabled by {Administrator}.")]
    public static partial void AccountEnabled(ILogger logger, string subject, string administrator);

    [LoggerMessage(3305, LogLevel.Information, "The MC service IDs of account {Subject} were set by {Administrator}.")]
    public static partial void ServiceIdsSet(ILogger logger, string subject, string administrator);

    [LoggerMessage(3306, LogLevel.Information, "Client {ClientId} was registered ({Kind}) by {Administrator}.")]
    public static partial void ClientMade(ILogger logger, string clientId, string kind, string administrator);

    [LoggerMessage(3307, LogLevel.Information, "Client {ClientId} was removed by {Administrator}.")]
    public static partial void ClientRemoved(ILogger logger, string clientId, string administrator);

    [LoggerMessage(3308, LogLevel.Warning, "The admin API refused a request: {Code}.")]
    public static partial void AdministrationRefused(ILogger logger, string code);

    [LoggerMessage(3309, LogLevel.Information, "Account {Subject} was removed by {Administrator}; {Count} tokens were revoked.")]
    public static partial void AccountRemoved(ILogger logger, string subject, string administrator, long count);

    [LoggerMessage(3310, LogLevel.Information, "Account {Subject} was logged off by {Administrator}; {Count} tokens were revoked.")]
    public static partial void AccountLoggedOff(ILogger logger, string subject, string administrator, long count);

    [LoggerMessage(3311, LogLevel.Information, "KMS role {Role} of account {Subject} was {Change} by {Administrator}.")]
    public static partial void KmsRoleChanged(ILogger logger, string role, string subject, string change, string administrator);

    [LoggerMessage(3312, LogLevel.Information, "Foreign subject {Subject} was {Change} by {Administrator}.")]
    public static partial void ForeignSubjectChanged(ILogger logger, string subject, string change, string administrator);

    [LoggerMessage(3313, LogLevel.Information, "Primary IdM server {Issuer} was {Change} by {Administrator}; {Count} subjects lost their tokens.")]
    public static partial void PrimaryChanged(ILogger logger, string issuer, string change, string administrator, int count);

    [LoggerMessage(3400, LogLevel.Warning, "Receiver {Audience} refused a security event with status {Status} ({Error}); it is tried again.")]
    public static partial void EventRefused(ILogger logger, string audience, int status, string error);

    [LoggerMessage(3401, LogLevel.Warning, "Receiver {Audience} of security events cannot be reached, attempt {Attempt}; it is tried again.")]
    public static partial void EventReceiverUnreachable(ILogger logger, string audience, int attempt, Exception exception);

    [LoggerMessage(3402, LogLevel.Warning, "Receiver {Audience} went back from event {Acknowledged} to {Position}: what it lost is sent again.")]
    public static partial void EventStreamRewound(ILogger logger, string audience, long acknowledged, long position);

    [LoggerMessage(3403, LogLevel.Warning, "The stream of security events to {Audience} began anew, with a snapshot.")]
    public static partial void EventStreamRestarted(ILogger logger, string audience);

    [LoggerMessage(3404, LogLevel.Error, "The delivery of security events to {Audience} failed; it is tried again.")]
    public static partial void EventDeliveryFailed(ILogger logger, string audience, Exception exception);

    [LoggerMessage(3405, LogLevel.Information, "Maintenance removed {Events} acknowledged security events.")]
    public static partial void EventsPruned(ILogger logger, int events);

    [LoggerMessage(3900, LogLevel.Error, "A request failed.")]
    public static partial void RequestFailed(ILogger logger, Exception exception);
}

/// <summary>Why a log-in was refused; the user is told the same in each case.</summary>
internal enum LogInRefusal
{
    UnknownUser,
    WrongPassword,
    Locked,
    Disabled,
}

/// <summary>Why a network entity was refused.</summary>
internal enum EntityRefusal
{
    WrongCertificate,
    CertificateNotInForce,
    AssertionWithoutJti,
    AssertionTooLong,
    AssertionReplayed,
}
