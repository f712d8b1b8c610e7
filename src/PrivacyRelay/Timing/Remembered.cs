namespace PrivacyRelay.Timing;

/// <summary>Something noticed that holds for a while.</summary>
internal sealed class Remembered(TimeSpan duration, TimeProvider time)
{
    private long _until = long.MinValue;

    public bool Holds => time.GetTimestamp() < Volatile.Read(ref _until);

    public void Note() => Volatile.Write(ref _until, time.GetTimestamp() + (long)(duration.TotalSeconds * time.TimestampFrequency));
}
