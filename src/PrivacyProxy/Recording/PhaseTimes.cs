namespace PrivacyProxy.Recording;

/// <summary>When a phase began and ended, as <see cref="TimeProvider.GetTimestamp"/>.</summary>
internal struct PhaseTimes
{
    public bool HasBegun;
    public bool HasEnded;
    public long Start;
    public long End;
}
