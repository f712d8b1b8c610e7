namespace PrivacyProxy.LoadTests.Placement;

/// <summary>When nodes go away.</summary>
internal enum FailureSchedule
{
    /// <summary>Each for itself, now and then.</summary>
    Independent,

    /// <summary>Every one once, in turn, the next when the last votes again: an upgrade.</summary>
    Rolling,

    /// <summary>A third of them at once, in the middle of the time: a zone.</summary>
    Zone,
}
