drop schema quality;
