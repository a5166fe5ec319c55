/* folder.h: the private folder of a pool. */
#ifndef SV_WORKER_FOLDER_H
#define SV_WORKER_FOLDER_H

/** Remove a folder and all below it, without following links; what cannot be removed stays. */
void sv_folder_remove(const char *path);

#endif
