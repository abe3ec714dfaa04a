using Microsoft.EntityFrameworkCore;
using Watchword.McServices;
using Watchword.McServices.Configuration;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.Http;
using Watchword.Sip;

namespace Watchword.ResourceServers.Xcap;

/// <summary>
/// What is under one XCAP root: the application usages of a service, who may do what with their documents, and the rules that go
/// beyond their schemas. Everything else is the same for every service and is in <see cref="XcapOperations"/>.
/// </summary>
internal abstract class XcapRealm(XcapServiceSettings settings)
{
    /// <summary>The service.</summary>
    public XcapServiceSettings Settings { get; } = settings;

    /// <summary>Its application usages.</summary>
    public abstract IReadOnlyList<ApplicationUsage> Usages { get; }

    /// <summary>The usage with that AUID; null if this root has none.</summary>
    public ApplicationUsage? Find(string auid) => Usages.FirstOrDefault(usage => usage.Auid == auid);

    /// <summary>Whether anybody may do this, without saying who he is.</summary>
    public virtual bool IsOpen(XcapOperation operation, XcapTarget target) => false;

    /// <summary>Takes one of the requests that anybody may make out of what is granted; false if there are too many.</summary>
    public virtual bool TryAdmit(XcapTarget target) => true;

    /// <summary>Decides on what the request says alone.</summary>
    /// <returns><see cref="ServicesError.None"/> to go on, or the refusal.</returns>
    public abstract ServicesError Judge(XcapAct act);

    /// <summary>Decides on the document as it is, in the transaction of the operation.</summary>
    /// <param name="act">The act, which <see cref="Judge(XcapAct)"/> has let pass.</param>
    /// <param name="current">The document; null if there is none.</param>
    public virtual ServicesError Judge(XcapAct act, ReadOnlyMemory<byte>? current) => ServicesError.None;

    /// <summary>The scopes of which one would do, for <c>WWW-Authenticate</c>.</summary>
    public abstract string ScopesFor(ApplicationUsage usage);

    /// <summary>Where the document of a request is kept; null if there can be none.</summary>
    /// <param name="context">The database, in the transaction of the operation.</param>
    /// <param name="act">The act.</param>
    /// <param name="replacement">With a PUT of a whole document, what is put.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public virtual ValueTask<DocumentKey?> LocateAsync(
        DbContext context, XcapAct act, ReadOnlyMemory<byte>? replacement, CancellationToken cancellationToken) =>
        ValueTask.FromResult(DocumentKey.Of(act.Target.Usage, act.Target.Document));

    /// <summary>Documents that stand in for one that is not there when it is read, best first.</summary>
    public virtual IEnumerable<DocumentKey> Substitutes(XcapAct act) => [];

    /// <summary>Checks a document that is about to be stored against the schema of its usage.</summary>
    /// <exception cref="McServicesFormatException">Not well-formed XML, or past a limit.</exception>
    public virtual XcapError? CheckSchema(XcapTarget target, ReadOnlyMemory<byte> document)
    {
        IReadOnlyList<SchemaFault> faults = ConfigurationSchema.Validate(target.Usage, document, Settings.Limits);
        return faults.Count == 0
            ? null
            : XcapConflicts.Of(XcapErrorKind.SchemaValidationError, string.Join(' ', faults.Select(fault => fault.ElementPath)));
    }

    /// <summary>Checks what the schema cannot say, in the transaction that stores the document.</summary>
    public virtual ValueTask<XcapError?> CheckAsync(
        DbContext context, XcapAct act, DocumentKey key, ReadOnlyMemory<byte> document, CancellationToken cancellationToken) =>
        ValueTask.FromResult<XcapError?>(null);

    /// <summary>Told of a change, in the transaction that stores it.</summary>
    /// <param name="context">The database.</param>
    /// <param name="act">The act.</param>
    /// <param name="key">The document.</param>
    /// <param name="before">What it was; null if it is made.</param>
    /// <param name="after">What it will be; null if it is deleted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public virtual ValueTask ChangingAsync(
        DbContext context, XcapAct act, DocumentKey key, ReadOnlyMemory<byte>? before, ReadOnlyMemory<byte>? after,
        CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Whether somebody who subscribed to a document may still know that it changes.</summary>
    /// <param name="owner">His MC service ID.</param>
    /// <param name="key">The document.</param>
    /// <param name="document">The document as it is now.</param>
    public virtual bool MayWatch(string owner, DocumentKey key, ReadOnlyMemory<byte> document) => true;

    /// <summary>What goes with a notification to a subscriber beside what changed; asked when it is sent.</summary>
    /// <param name="owner">His MC service ID.</param>
    /// <param name="documents">The documents of his subscription, also those that he may not watch or that are gone.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public virtual Task<IReadOnlyList<SipBodyPart>> AttachAsync(
        string owner, IReadOnlyList<DocumentKey> documents, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SipBodyPart>>([]);

    /// <summary>What a sender may see of a document that he may read.</summary>
    public virtual ReadOnlyMemory<byte> Present(XcapAct act, ReadOnlyMemory<byte> document) => document;

    /// <summary>Answers a POST; false if there is none here. The sender is known.</summary>
    public virtual Task<bool> TryPostAsync(HttpContext context, Sender sender, XcapTarget target) => Task.FromResult(false);
}
